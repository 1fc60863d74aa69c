using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>The few vector operations that the kernels are written in, so that one source serves every register width.</summary>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Floats a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Whether 16 accumulators fit beside their operands: 32 registers (AVX-512, Arm) rather than 16.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract TVector Load(float* source);
    static abstract void Store(TVector value, float* destination);
    static abstract TVector Broadcast(float value);
    static abstract TVector Add(TVector a, TVector b);
    static abstract TVector Subtract(TVector a, TVector b);
    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector Divide(TVector a, TVector b);
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>
    /// The larger. A NaN in <paramref name="b"/> comes through: the processor's own instruction returns its second operand then, or NaN.
    /// </summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The smaller; a NaN in <paramref name="b"/> comes through, as in <see cref="Max"/>.</summary>
    static abstract TVector Min(TVector a, TVector b);

    static abstract TVector Exp(TVector value);

    /// <summary>The sum of all lanes.</summary>
    static abstract float Sum(TVector value);

    /// <summary>What <see cref="SwapLanes"/> needs for a distance (a power of two), made once for many swaps.</summary>
    static abstract void SwapPattern(int distance, out TVector first, out TVector second);

    /// <summary>
    /// Swaps the lanes of <paramref name="a"/> whose number has the bit of the pattern's distance with the lanes of <paramref name="b"/>
    /// that have not: what transposes blocks of 2 x 2.
    /// </summary>
    static abstract void SwapLanes(ref TVector a, ref TVector b, TVector first, TVector second);

    /// <summary>Lane by lane: condition &gt; 0 ? positive : other.</summary>
    static abstract TVector WherePositive(TVector condition, TVector positive, TVector other);

    /// <summary>Lane by lane: all bits set where the value is not zero, or not a number; else none.</summary>
    static abstract TVector NotZero(TVector value);

    /// <summary>Bit by bit.</summary>
    static abstract TVector Or(TVector a, TVector b);

    /// <summary>Writes <paramref name="first"/> + i for every lane i of a mask that is set; returns how many. Overwrites up to a vector.</summary>
    static abstract int Append(TVector mask, int first, int* indices);

    /// <summary>The lanes of <paramref name="source"/> that <paramref name="ranks"/> (integers) name, where the mask is set; else zero.</summary>
    static abstract TVector Spread(TVector source, TVector ranks, TVector mask);
}

internal readonly unsafe struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => 16;

    public static bool HasManyRegisters => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> value) => Vector512.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> a, Vector512<float> b) => Vector512.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> value) => Vector512.Exp(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwapPattern(int distance, out Vector512<float> first, out Vector512<float> second)
    {
        var bit = Vector512.Create(distance);
        var hasBit = Vector512.Equals(Vector512<int>.Indices & bit, bit);
        if (Avx512F.IsSupported)
        {
            // One instruction picks lanes from both; those of b are numbered from 16.
            first = ((Vector512<int>.Indices ^ (hasBit & bit)) + (hasBit & Vector512.Create(Count))).AsSingle();
            second = ((Vector512<int>.Indices | bit) + (hasBit & Vector512.Create(Count))).AsSingle();
            return;
        }
        (first, second) = ((Vector512<int>.Indices ^ bit).AsSingle(), (~hasBit).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwapLanes(ref Vector512<float> a, ref Vector512<float> b, Vector512<float> first, Vector512<float> second)
    {
        if (Avx512F.IsSupported)
        {
            (a, b) = (Avx512F.PermuteVar16x32x2(a, first.AsInt32(), b), Avx512F.PermuteVar16x32x2(a, second.AsInt32(), b));
            return;
        }
        var fromA = Vector512.ShuffleNative(a, first.AsInt32());
        a = Vector512.ConditionalSelect(second, a, Vector512.ShuffleNative(b, first.AsInt32()));
        b = Vector512.ConditionalSelect(second, fromA, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WherePositive(Vector512<float> condition, Vector512<float> positive, Vector512<float> other) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(condition, Vector512<float>.Zero), positive, other);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NotZero(Vector512<float> value) => ~Vector512.Equals(value, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Or(Vector512<float> a, Vector512<float> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Append(Vector512<float> mask, int first, int* indices)
    {
        var bits = mask.ExtractMostSignificantBits();
        if (Avx512F.IsSupported)
            Avx512F.Compress(Vector512<int>.Zero, mask.AsInt32(), Vector512<int>.Indices + Vector512.Create(first)).Store(indices);
        else
            for (var left = bits; left != 0; left &= left - 1)
                *indices++ = first + BitOperations.TrailingZeroCount(left);
        return BitOperations.PopCount(bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Spread(Vector512<float> source, Vector512<float> ranks, Vector512<float> mask) =>
        Vector512.ShuffleNative(source, ranks.AsInt32()) & mask;
}

internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => 8;

    public static bool HasManyRegisters => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> value) => Vector256.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Vector256.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> value) => Vector256.Exp(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwapPattern(int distance, out Vector256<float> first, out Vector256<float> second)
    {
        var bit = Vector256.Create(distance);
        first = (Vector256<int>.Indices ^ bit).AsSingle();
        second = Vector256.Equals(Vector256<int>.Indices & bit, Vector256<int>.Zero).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwapLanes(ref Vector256<float> a, ref Vector256<float> b, Vector256<float> first, Vector256<float> second)
    {
        var fromA = Vector256.ShuffleNative(a, first.AsInt32());
        a = Vector256.ConditionalSelect(second, a, Vector256.ShuffleNative(b, first.AsInt32()));
        b = Vector256.ConditionalSelect(second, fromA, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WherePositive(Vector256<float> condition, Vector256<float> positive, Vector256<float> other) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(condition, Vector256<float>.Zero), positive, other);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> NotZero(Vector256<float> value) => ~Vector256.Equals(value, Vector256<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Or(Vector256<float> a, Vector256<float> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Append(Vector256<float> mask, int first, int* indices)
    {
        var bits = mask.ExtractMostSignificantBits();
        for (var left = bits; left != 0; left &= left - 1)
            *indices++ = first + BitOperations.TrailingZeroCount(left);
        return BitOperations.PopCount(bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Spread(Vector256<float> source, Vector256<float> ranks, Vector256<float> mask) =>
        Vector256.ShuffleNative(source, ranks.AsInt32()) & mask;
}

internal readonly unsafe struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => 4;

    public static bool HasManyRegisters => System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> value) => Vector128.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Vector128.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp(Vector128<float> value) => Vector128.Exp(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwapPattern(int distance, out Vector128<float> first, out Vector128<float> second)
    {
        var bit = Vector128.Create(distance);
        first = (Vector128<int>.Indices ^ bit).AsSingle();
        second = Vector128.Equals(Vector128<int>.Indices & bit, Vector128<int>.Zero).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwapLanes(ref Vector128<float> a, ref Vector128<float> b, Vector128<float> first, Vector128<float> second)
    {
        var fromA = Vector128.ShuffleNative(a, first.AsInt32());
        a = Vector128.ConditionalSelect(second, a, Vector128.ShuffleNative(b, first.AsInt32()));
        b = Vector128.ConditionalSelect(second, fromA, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WherePositive(Vector128<float> condition, Vector128<float> positive, Vector128<float> other) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(condition, Vector128<float>.Zero), positive, other);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> NotZero(Vector128<float> value) => ~Vector128.Equals(value, Vector128<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Or(Vector128<float> a, Vector128<float> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Append(Vector128<float> mask, int first, int* indices)
    {
        var bits = mask.ExtractMostSignificantBits();
        for (var left = bits; left != 0; left &= left - 1)
            *indices++ = first + BitOperations.TrailingZeroCount(left);
        return BitOperations.PopCount(bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Spread(Vector128<float> source, Vector128<float> ranks, Vector128<float> mask) =>
        Vector128.ShuffleNative(source, ranks.AsInt32()) & mask;
}
