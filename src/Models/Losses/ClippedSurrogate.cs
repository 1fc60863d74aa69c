namespace AkkaRL.Models.Losses;

/// <summary>PPO's clipped surrogate objective: L = −min(w A, clip(w, 1 − ε, 1 + ε) A), with w = π(a | s) / μ(a | s).</summary>
/// <remarks>Source: J. Schulman et al., "Proximal Policy Optimization Algorithms" (2017), equation 7; negated, for it is descended.</remarks>
public static class ClippedSurrogate
{
    /// <summary>L and ∂L/∂ log π(a | s): −w A, or 0 where the clipped term is the smaller one, for it does not depend on π.</summary>
    /// <param name="weight">w.</param>
    /// <param name="advantage">A.</param>
    /// <param name="clipRange">ε, at least 0.</param>
    public static (float Loss, float Gradient, bool IsClipped) Compute(float weight, float advantage, float clipRange)
    {
        var free = weight * advantage;
        var clipped = MathF.Min(MathF.Max(weight, 1 - clipRange), 1 + clipRange) * advantage;
        return (-MathF.Min(clipped, free), clipped < free ? 0 : -free, clipped < free);
    }
}
