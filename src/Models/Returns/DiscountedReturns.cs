namespace AkkaRL.Models.Returns;

/// <summary>Discounted sums of rewards.</summary>
public static class DiscountedReturns
{
    /// <summary>
    /// The n-step return of every step of one segment: R_t = r_t + γ R_{t+1}, R_T = the bootstrap value; that is
    /// R_t = Σ_{k=t}^{T−1} γ^{k−t} r_k + γ^{T−t} V(s_T).
    /// </summary>
    /// <remarks>Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), algorithm S3. O(T), nothing allocated.</remarks>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="bootstrapValue">V(s_T), of the observation after the last reward; 0 when it terminated, not when it was truncated.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="returns">Receives R [T]; may be <paramref name="rewards"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Compute(ReadOnlySpan<float> rewards, float bootstrapValue, float gamma, Span<float> returns)
    {
        if (returns.Length != rewards.Length)
            throw new ArgumentException($"Expected {rewards.Length} returns, as many as rewards, not {returns.Length}.", nameof(returns));
        var next = bootstrapValue;
        for (var t = rewards.Length - 1; t >= 0; t--)
            returns[t] = next = rewards[t] + gamma * next;
    }
}
