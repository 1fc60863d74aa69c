using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

    /// <summary>Whether every value is finite: only then is the sum of all, each times 0, a number.</summary>
    /// <remarks>Compiled once and for good: the first snapshots of a large network would wait for several milliseconds for code that is not optimized yet.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreFinite(ReadOnlySpan<float> values)
    {
        var sums = Vector<float>.Zero;
        var whole = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in whole)
            sums += vector * 0f;
        var sum = Vector.Sum(sums);
        foreach (var value in values[(whole.Length * Vector<float>.Count)..])
            sum += value * 0f;
        return !float.IsNaN(sum);
    }
}
