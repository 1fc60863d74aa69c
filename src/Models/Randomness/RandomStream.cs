using System.Numerics;

namespace AkkaRL.Models.Randomness;

/// <summary>A fast random generator with a small state that can be saved: xoshiro256++, seeded through SplitMix64.</summary>
/// <remarks>Source: D. Blackman and S. Vigna, "Scrambled Linear Pseudorandom Number Generators" (2021), <c>xoshiro256plusplus.c</c>.</remarks>
public sealed class RandomStream
{
    private ulong s0, s1, s2, s3;

    /// <summary>The stream of a seed. Give each consumer its own <paramref name="stream"/> number: streams of one seed are unrelated.</summary>
    public RandomStream(ulong seed, ulong stream = 0)
    {
        var mix = seed + 0xD1342543DE82EF95UL * stream;
        (s0, s1, s2, s3) = (SplitMix64(ref mix), SplitMix64(ref mix), SplitMix64(ref mix), SplitMix64(ref mix));
    }

    /// <summary>The whole state: four words.</summary>
    public (ulong, ulong, ulong, ulong) State
    {
        get => (s0, s1, s2, s3);
        set => (s0, s1, s2, s3) = value;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(s0 + s3, 23) + s0;
        var t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>An integer in [0, count), without bias worth measuring (multiply-shift over 64 bits).</summary>
    public int NextInteger(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>A standard normal number (Box and Muller's method, one of its pair, so that the state stays four words).</summary>
    public double NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    private static ulong SplitMix64(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
