using System.Numerics;

namespace AkkaRL.Envs;

/// <summary>
/// NumPy's default random generator, bit for bit: PCG64 (XSL-RR 128/64) seeded through SeedSequence.
/// The same seed gives an env the same initial states as under Gymnasium.
/// </summary>
/// <remarks>Sources: M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms" (2014);
/// NumPy 1.24 <c>pcg64.h</c>, <c>_generator.pyx</c>, <c>distributions.c</c>.</remarks>
public sealed class Pcg64
{
    private static readonly UInt128 Multiplier = new(0x2360ED051FC65DA4, 0x4385DF649FCCF645);

    private UInt128 state, increment;
    private uint? spare; // the upper half of the last 64 bits, when only the lower one was asked for

    /// <summary>As <c>numpy.random.Generator(PCG64(SeedSequence(seed)))</c>.</summary>
    public Pcg64(ulong seed)
    {
        Span<ulong> words = stackalloc ulong[4];
        SeedSequence.Fill(seed, words);
        increment = new UInt128(words[2], words[3]) << 1 | 1;
        state = (increment + new UInt128(words[0], words[1])) * Multiplier + increment;
    }

    /// <summary>64 random bits, as <c>PCG64.random_raw()</c>.</summary>
    public ulong NextBits()
    {
        state = state * Multiplier + increment;
        return BitOperations.RotateRight((ulong)(state >> 64) ^ (ulong)state, (int)(state >> 122));
    }

    /// <summary>A double in [0, 1), as <c>Generator.random()</c>.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A double in [low, high), as <c>Generator.uniform(low, high)</c>.</summary>
    public double NextUniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>An integer in [0, count), as <c>Generator.integers(count)</c>.</summary>
    /// <remarks>Source: D. Lemire, "Fast Random Integer Generation in an Interval" (2019).</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public int NextInteger(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count == 1)
            return 0; // NumPy draws nothing for a single choice
        var range = (uint)count;
        var product = (ulong)NextHalf() * range;
        if ((uint)product < range)
            for (var threshold = (0u - range) % range; (uint)product < threshold;)
                product = (ulong)NextHalf() * range;
        return (int)(product >> 32);
    }

    /// <summary>A standard normal number, as <c>Generator.standard_normal()</c> but for the last bits: equal to about 1e-14, since NumPy's
    /// tables are rounded differently.</summary>
    public double NextNormal() => NormalZiggurat.Next(this);

    /// <summary>Writes the whole state: 37 bytes.</summary>
    public void Capture(BinaryWriter writer)
    {
        writer.Write((ulong)(state >> 64));
        writer.Write((ulong)state);
        writer.Write((ulong)(increment >> 64));
        writer.Write((ulong)increment);
        writer.Write(spare.HasValue);
        writer.Write(spare ?? 0);
    }

    /// <summary>Reads what <see cref="Capture"/> wrote; the generator then goes on as the captured one would have.</summary>
    public void Restore(BinaryReader reader)
    {
        state = new UInt128(reader.ReadUInt64(), reader.ReadUInt64());
        increment = new UInt128(reader.ReadUInt64(), reader.ReadUInt64());
        var hasSpare = reader.ReadBoolean();
        var half = reader.ReadUInt32();
        spare = hasSpare ? half : null;
    }

    private uint NextHalf()
    {
        if (spare is { } half)
        {
            spare = null;
            return half;
        }
        var bits = NextBits();
        spare = (uint)(bits >> 32);
        return (uint)bits;
    }
}
