using System.Numerics.Tensors;

namespace AkkaRL.Models.Optimizers;

/// <summary>Bounds the length of a gradient.</summary>
public static class GradientClipping
{
    /// <summary>
    /// d ← d · min(1, maximum / ‖d‖₂). A gradient whose norm is not finite is left alone: the caller must look at the result and refuse it.
    /// </summary>
    /// <remarks>Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks" (2013), algorithm 1.</remarks>
    /// <param name="gradient">d [P]; overwritten when its norm is above the maximum.</param>
    /// <param name="maximum">The longest norm allowed, above zero; infinity measures without clipping.</param>
    /// <returns>‖d‖₂ before clipping: NaN or infinity when an element is.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is not above zero.</exception>
    public static float ClipByGlobalNorm(Span<float> gradient, float maximum)
    {
        if (!(maximum > 0))
            throw new ArgumentOutOfRangeException(nameof(maximum), maximum, "The largest norm must be above 0.");
        var norm = TensorPrimitives.Norm<float>(gradient);
        if (!float.IsFinite(norm))
            norm = (float)CarefulNorm(gradient);
        if (norm > maximum && float.IsFinite(norm))
            TensorPrimitives.Multiply(gradient, maximum / norm, gradient);
        return norm;
    }

    /// <summary>In double precision, where the squares of finite floats cannot overflow.</summary>
    internal static double CarefulNorm(ReadOnlySpan<float> gradient)
    {
        var sum = 0.0;
        foreach (var element in gradient)
            sum += (double)element * element;
        return Math.Sqrt(sum);
    }
}
