using AkkaRL.Models.Distributions;

namespace AkkaRL.Models.Losses;

/// <summary>How far the distribution p = softmax l is from a wanted one, m: KL(m ‖ p) = Σ m_i (log m_i − log p_i), the cross-entropy less the entropy of m.</summary>
/// <remarks>Source: M. Bellemare et al., "A Distributional Perspective on Reinforcement Learning" (2017), section 4; ∂/∂l is that of the cross-entropy, p − m.</remarks>
public static class CrossEntropy
{
    /// <summary>Returns KL(m ‖ p) and writes weight · ∂KL/∂l = weight · (p − m).</summary>
    /// <param name="target">m, which sums to 1 [K].</param>
    /// <param name="logits">l [K].</param>
    /// <param name="weight">Factor on the gradient.</param>
    /// <param name="gradient">Receives the gradient [K].</param>
    public static float Differentiate(ReadOnlySpan<float> target, ReadOnlySpan<float> logits, float weight, Span<float> gradient)
    {
        var logSum = Softmax.Of(logits, gradient);
        var divergence = 0f;
        for (var i = 0; i < target.Length; i++)
        {
            // m log m is 0 where m is.
            if (target[i] != 0)
                divergence += target[i] * (MathF.Log(target[i]) - logits[i] + logSum);
            gradient[i] = weight * (gradient[i] - target[i]);
        }
        // Rounding may leave it just below zero, which no divergence is; NaN stays NaN.
        return MathF.Max(divergence, 0);
    }
}
