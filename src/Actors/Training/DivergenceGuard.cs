using System.Numerics.Tensors;

namespace AkkaRL.Actors.Training;

/// <summary>
/// Notices that learning has blown up. Gradients are clipped, and a non-finite one is refused; parameters can blow up all the same. It
/// shows when parameters are not finite, or when no gradient is any more.
/// </summary>
public sealed class DivergenceGuard
{
    private const int RefusalsInARow = 20;

    private int refusedInARow;

    /// <summary>A gradient was applied, or refused because it was not finite.</summary>
    /// <exception cref="DivergenceException">Too many were refused in a row, or the parameters are not finite any more.</exception>
    public void Take(bool isRefused, ReadOnlySpan<float> parameters)
    {
        if (!isRefused)
        {
            refusedInARow = 0;
            return;
        }
        RequireFinite(parameters);
        if (++refusedInARow >= RefusalsInARow)
            throw new DivergenceException($"The last {refusedInARow} gradients were not finite.");
    }

    /// <exception cref="DivergenceException">A parameter is not finite.</exception>
    public static void RequireFinite(ReadOnlySpan<float> parameters)
    {
        if (!AreFinite(parameters))
            throw new DivergenceException("The parameters are not finite any more.");
    }

    /// <summary>A sum of absolute values is finite only if every one is; it may overflow only where the run is lost anyway.</summary>
    public static bool AreFinite(ReadOnlySpan<float> parameters) => float.IsFinite(TensorPrimitives.SumOfMagnitudes(parameters));
}
