namespace AkkaRL.Models.Losses;

/// <summary>The importance-sampled policy gradient of one row: L = −w A, w = π(a | s) / μ(a | s), optionally truncated from above.</summary>
/// <remarks>
/// E over a ~ μ of w A ∇ log π(a) is the policy gradient of π (S. Levine, CS 285, "Policy Gradients", off-policy policy gradients).
/// Truncation (E. Ionides, "Truncated Importance Sampling" (2008)) bounds its variance for some bias: min(w, c).
/// </remarks>
public static class ImportanceWeight
{
    /// <summary>L and ∂L/∂ log π(a | s), which is −min(w, c) A: the truncated weight is a factor, not differentiated.</summary>
    /// <param name="weight">w.</param>
    /// <param name="advantage">A.</param>
    /// <param name="maximum">c; 0 for no truncation.</param>
    public static (float Loss, float Gradient, bool IsTruncated) Compute(float weight, float advantage, float maximum)
    {
        var isTruncated = maximum > 0 && weight > maximum;
        var loss = -(isTruncated ? maximum : weight) * advantage;
        return (loss, loss, isTruncated);
    }

    /// <summary>Effective sample size of weights, (Σ w)² / Σ w²: as many independent samples of π itself would be worth as much.</summary>
    public static double EffectiveSampleSize(ReadOnlySpan<float> weights)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var weight in weights)
            (sum, squares) = (sum + weight, squares + (double)weight * weight);
        return squares > 0 ? sum * sum / squares : 0;
    }
}
