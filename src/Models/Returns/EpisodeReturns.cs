namespace AkkaRL.Models.Returns;

/// <summary>What an action of a whole episode is credited with, without any value function.</summary>
/// <remarks>Source: S. Levine, CS 285, "Policy Gradients": the plain estimator and the one that uses causality.</remarks>
public static class EpisodeReturns
{
    /// <summary>The whole return at every step: ψ_t = Σ_k γ^k r_k.</summary>
    /// <param name="rewards">r [T] of one episode.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="credits">Receives ψ [T]; may be <paramref name="rewards"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Whole(ReadOnlySpan<float> rewards, float gamma, Span<float> credits)
    {
        DiscountedReturns.Compute(rewards, 0, gamma, credits);
        if (!credits.IsEmpty)
            credits.Fill(credits[0]);
    }

    /// <summary>The reward to go: ψ_t = Σ_{k≥t} γ^{k−t} r_k.</summary>
    /// <param name="rewards">r [T] of one episode.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="credits">Receives ψ [T]; may be <paramref name="rewards"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void ToGo(ReadOnlySpan<float> rewards, float gamma, Span<float> credits) =>
        DiscountedReturns.Compute(rewards, 0, gamma, credits);
}
