using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AkkaRL.Models.Optimizers;

/// <summary>The arithmetic of one update of sixteen parameters; what an optimizer is, apart from walking over memory.</summary>
internal interface IUpdateRule
{
    /// <summary>Vectors of P moments the rule keeps: 0, 1 or 2.</summary>
    static abstract int MomentVectors { get; }

    /// <summary>Returns the new θ, given θ, the gradient and the moments (zero where the rule keeps none), which it replaces.</summary>
    Vector512<float> Step(Vector512<float> theta, Vector512<float> gradient, ref Vector512<float> first, ref Vector512<float> second);
}

/// <summary>Walks an update rule over flat vectors: one pass over memory, nothing allocated.</summary>
/// <remarks>
/// Square roots and divisions are the processor's own but in <see cref="ReciprocalSqrt"/>. Replacing them by three Newton steps on an
/// integer estimate was measured: no faster with 512-bit vectors, half as fast without.
/// </remarks>
internal static class UpdateRule
{
    private const int Width = 16;

    /// <summary>How far ahead of the loop lines are asked for: as many as may be on their way at once, and some. Measured: 8 to 64 vectors do alike.</summary>
    private const int Ahead = 24 * Width;

    /// <summary>Applies the rule to every parameter.</summary>
    /// <param name="rule">The arithmetic. A struct, so that it is compiled into the loop.</param>
    /// <param name="parameters">θ [P]; overwritten.</param>
    /// <param name="gradient">∂L/∂θ [P].</param>
    /// <param name="first">The rule's first moments [P], or none; overwritten.</param>
    /// <param name="second">The second [P], or none; overwritten.</param>
    /// <param name="isElsewhere">
    /// Whether parameters and moments were last written by another thread, so that they are in another core's cache: lines are asked for ahead
    /// then (two threads in turn on 4,675 parameters with one moment: 3.0 us instead of 3.7). It changes no result, and costs time where they are at hand.
    /// </param>
    /// <exception cref="ArgumentException">A length does not fit the moments or the other vector.</exception>
    public static void Apply<TRule>(
        TRule rule, Span<float> parameters, ReadOnlySpan<float> gradient, Span<float> first = default, Span<float> second = default, bool isElsewhere = false)
        where TRule : struct, IUpdateRule
    {
        var count = parameters.Length;
        if (gradient.Length != count || first.Length != Math.Min(TRule.MomentVectors, 1) * count || second.Length != TRule.MomentVectors / 2 * count)
            throw new ArgumentException(
                $"{count} parameters need as many gradients and {TRule.MomentVectors * count} moments, not {gradient.Length} and {first.Length + second.Length}.");
        ref var theta = ref MemoryMarshal.GetReference(parameters);
        ref var slope = ref MemoryMarshal.GetReference(gradient);
        ref var m = ref MemoryMarshal.GetReference(first);
        ref var v = ref MemoryMarshal.GetReference(second);
        var whole = count - count % Width;
        if (isElsewhere)
        {
            for (var i = 0; i < whole; i += Width)
            {
                AskFor<TRule>(ref Unsafe.Add(ref theta, i), ref Unsafe.Add(ref m, i), ref Unsafe.Add(ref v, i));
                Step(ref rule, ref Unsafe.Add(ref theta, i), ref Unsafe.Add(ref slope, i), ref Unsafe.Add(ref m, i), ref Unsafe.Add(ref v, i));
            }
        }
        else
        {
            for (var i = 0; i < whole; i += Width)
                Step(ref rule, ref Unsafe.Add(ref theta, i), ref Unsafe.Add(ref slope, i), ref Unsafe.Add(ref m, i), ref Unsafe.Add(ref v, i));
        }
        if (whole == count)
            return;

        // The tail runs through the same arithmetic in a padded copy, so that every rule is written once.
        Span<float> padded = stackalloc float[4 * Width];
        parameters[whole..].CopyTo(padded);
        gradient[whole..].CopyTo(padded[Width..]);
        if (TRule.MomentVectors > 0)
            first[whole..].CopyTo(padded[(2 * Width)..]);
        if (TRule.MomentVectors > 1)
            second[whole..].CopyTo(padded[(3 * Width)..]);
        Step(ref rule, ref padded[0], ref padded[Width], ref padded[2 * Width], ref padded[3 * Width]);
        padded[..(count - whole)].CopyTo(parameters[whole..]);
        if (TRule.MomentVectors > 0)
            padded.Slice(2 * Width, count - whole).CopyTo(first[whole..]);
        if (TRule.MomentVectors > 1)
            padded.Slice(3 * Width, count - whole).CopyTo(second[whole..]);
    }

    /// <summary>Refuses parameters of another number than the optimizer was made for.</summary>
    public static void RequireAll(ReadOnlySpan<float> parameters, int count)
    {
        if (parameters.Length != count)
            throw new ArgumentException($"This optimizer was made for {count} parameters, not {parameters.Length}.");
    }

    /// <summary>Refuses a setting outside its range.</summary>
    public static void Require(bool condition, float value, string name, string message)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, message);
    }

    /// <summary>1 / √x for x above 0, to the last place or two: the processor's estimate of 14 bits and one Newton step, where it has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ReciprocalSqrt(Vector512<float> x)
    {
        if (!Avx512F.IsSupported)
            return Vector512<float>.One / Vector512.Sqrt(x);
        x = Vector512.Min(x, Vector512.Create(float.MaxValue)); // infinity times its root would not be a number
        var y = Avx512F.ReciprocalSqrt14(x);
        return y * (Vector512.Create(1.5f) - Vector512.Create(0.5f) * x * y * y);
    }

    /// <summary>
    /// x, or 0 where |x| is below a bound that is negligible and yet far from the denormal floats. A mean that only decays would end among
    /// these and stay, for 0.9 of the smallest float rounds to itself, and the processor takes a hundred times as long for them. NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Flush(Vector512<float> x, float bound) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(x), Vector512.Create(bound)), Vector512<float>.Zero, x);

    /// <summary>A hint: an address past the end, or one that the garbage collector has moved, is asked for in vain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void AskFor<TRule>(ref float theta, ref float first, ref float second)
        where TRule : struct, IUpdateRule
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0((float*)Unsafe.AsPointer(ref theta) + Ahead);
        if (TRule.MomentVectors > 0)
            Sse.Prefetch0((float*)Unsafe.AsPointer(ref first) + Ahead);
        if (TRule.MomentVectors > 1)
            Sse.Prefetch0((float*)Unsafe.AsPointer(ref second) + Ahead);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TRule>(ref TRule rule, ref float theta, ref float slope, ref float first, ref float second)
        where TRule : struct, IUpdateRule
    {
        var m = TRule.MomentVectors > 0 ? Vector512.LoadUnsafe(ref first) : default;
        var v = TRule.MomentVectors > 1 ? Vector512.LoadUnsafe(ref second) : default;
        rule.Step(Vector512.LoadUnsafe(ref theta), Vector512.LoadUnsafe(ref slope), ref m, ref v).StoreUnsafe(ref theta);
        if (TRule.MomentVectors > 0)
            m.StoreUnsafe(ref first);
        if (TRule.MomentVectors > 1)
            v.StoreUnsafe(ref second);
    }
}
