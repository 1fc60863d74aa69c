namespace AkkaRL.Models.Returns;

/// <summary>
/// Generalized advantage estimation: A_t = Σ_{k≥t} (γλ)^{k−t} δ_k, δ_t = r_t + γ V(s_{t+1}) − V(s_t), summed to the end of the episode or
/// of the rollout. λ = 1 is the n-step return minus V(s_t), λ = 0 the one-step TD error.
/// </summary>
/// <remarks>
/// Source: J. Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation" (2016), equations 11 and 16.
/// The target of the value function is A_t + V(s_t). O(T), nothing allocated.
/// </remarks>
public static class GeneralizedAdvantage
{
    /// <summary>Advantages of one segment, which ends either terminated or with a value to bootstrap from.</summary>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="values">V(s_t) [T], of the observations acted on.</param>
    /// <param name="bootstrapValue">V(s_T), of the observation after the last reward; 0 when it terminated, not when it was truncated.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="lambda">λ, in [0, 1].</param>
    /// <param name="advantages">Receives A [T]; may be <paramref name="rewards"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Compute(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> values, float bootstrapValue, float gamma, float lambda, Span<float> advantages)
    {
        RequireLength(values.Length, rewards.Length, nameof(values));
        RequireLength(advantages.Length, rewards.Length, nameof(advantages));
        var (nextValue, nextAdvantage) = (bootstrapValue, 0f);
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            nextAdvantage = rewards[t] + gamma * nextValue - values[t] + gamma * lambda * nextAdvantage;
            nextValue = values[t];
            advantages[t] = nextAdvantage;
        }
    }

    /// <summary>Advantages of a rollout in which episodes may end and others begin.</summary>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="values">V(s_t) [T], of the observations acted on.</param>
    /// <param name="terminated">[T]: step t ended its episode; nothing follows, no bootstrap. Wins where <paramref name="truncated"/> is set too.</param>
    /// <param name="truncated">[T]: step t's episode was cut off; its final observation's value stands for what would have followed.</param>
    /// <param name="finalValues">[T]: V of the final observation of a truncated episode (before the reset), read only where step t is truncated.</param>
    /// <param name="bootstrapValue">V(s_T), of the observation after the last reward, read only when the last step ended nothing.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="lambda">λ, in [0, 1].</param>
    /// <param name="advantages">Receives A [T].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Compute(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> values, ReadOnlySpan<bool> terminated, ReadOnlySpan<bool> truncated,
        ReadOnlySpan<float> finalValues, float bootstrapValue, float gamma, float lambda, Span<float> advantages)
    {
        RequireLength(values.Length, rewards.Length, nameof(values));
        RequireLength(terminated.Length, rewards.Length, nameof(terminated));
        RequireLength(truncated.Length, rewards.Length, nameof(truncated));
        RequireLength(finalValues.Length, rewards.Length, nameof(finalValues));
        RequireLength(advantages.Length, rewards.Length, nameof(advantages));
        // An ended episode is a segment of its own; so is what is left at the end.
        var end = rewards.Length;
        for (var t = rewards.Length - 1; t >= -1; t--)
        {
            if (t >= 0 && !terminated[t] && !truncated[t])
                continue;
            var segment = (t + 1)..end;
            Compute(rewards[segment], values[segment], bootstrapValue, gamma, lambda, advantages[segment]);
            if (t >= 0)
                (end, bootstrapValue) = (t + 1, terminated[t] ? 0 : finalValues[t]);
        }
    }

    private static void RequireLength(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"Expected {expected} {name}, one a step, not {actual}.", name);
    }
}
