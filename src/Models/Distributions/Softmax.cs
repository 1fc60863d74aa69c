using System.Numerics.Tensors;

namespace AkkaRL.Models.Distributions;

/// <summary>Probabilities of logits: p_i = exp l_i / Σ_j exp l_j. Logits are shifted by their maximum, so that none overflows.</summary>
public static class Softmax
{
    /// <summary>Writes p [K]; returns log Σ exp l_i, so that log p_i = l_i − what is returned.</summary>
    /// <param name="logits">l [K].</param>
    /// <param name="probabilities">Receives p.</param>
    public static float Of(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        var maximum = TensorPrimitives.Max(logits);
        TensorPrimitives.Subtract(logits, maximum, probabilities);
        TensorPrimitives.Exp(probabilities, probabilities);
        var sum = TensorPrimitives.Sum<float>(probabilities);
        TensorPrimitives.Divide(probabilities, sum, probabilities);
        return maximum + MathF.Log(sum);
    }
}
