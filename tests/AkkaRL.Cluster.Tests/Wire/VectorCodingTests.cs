using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using AkkaRL.Envs;

namespace AkkaRL.Cluster.Tests.Wire;

/// <summary>Vectors at each precision, against slow definitions: of half the nearest among all halves, of eight bits the nearest multiple of the block's scale.</summary>
public class VectorCodingTests
{
    private const int Block = VectorCoding.BlockLength;

    private static readonly float[] Halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits)).Where(float.IsFinite).Distinct().Order()];

    public static TheoryData<GradientPrecision, int> EveryLength
    {
        get
        {
            var data = new TheoryData<GradientPrecision, int>();
            foreach (var precision in Enum.GetValues<GradientPrecision>())
                foreach (var length in (int[])[0, 1, 2, 63, Block - 1, Block, Block + 1, 3 * Block, 4_675])
                    data.Add(precision, length);
            return data;
        }
    }

    public static TheoryData<GradientPrecision> EveryPrecision => [.. Enum.GetValues<GradientPrecision>()];

    [Theory]
    [MemberData(nameof(EveryLength))]
    public void A_vector_of_any_length_is_read_as_the_nearest_that_can_be_written(GradientPrecision precision, int length)
    {
        var random = new Pcg64((ulong)length);
        for (var exponent = -60; exponent <= 60; exponent += 4)
        {
            var vector = Enumerable.Range(0, length).Select(_ => (float)(random.NextUniform(-1, 1) * Math.ScaleB(1, exponent))).ToArray();
            AssertNearest(precision, vector, WriteAndRead(precision, vector));
        }
    }

    [Theory]
    [MemberData(nameof(EveryPrecision))]
    public void Any_finite_floats_stay_finite_and_stay_what_they_were_rounded_to(GradientPrecision precision)
    {
        var random = new Pcg64(7);
        for (var i = 0; i < 500; i++)
        {
            // Any bits: subnormal, huge, all mixed, or all of about one size.
            var (size, isMixed) = (random.NextInteger(256), random.NextInteger(2) == 0);
            var vector = Enumerable.Range(0, random.NextInteger(600)).Select(_ => AnyFloat(random, isMixed ? random.NextInteger(256) : size)).Where(float.IsFinite).ToArray();
            var rounded = vector.ToArray();
            VectorCoding.Round(precision, rounded);
            Assert.All(rounded, value => Assert.True(float.IsFinite(value)));
            AssertNearest(precision, vector, rounded);
            // To the bit, but for the sign of a zero.
            Assert.Equal(rounded, WriteAndRead(precision, vector));
            Assert.Equal(rounded, WriteAndRead(precision, rounded));
        }
    }

    [Theory]
    [MemberData(nameof(EveryPrecision))]
    public void Zero_is_zero_and_full_precision_changes_nothing(GradientPrecision precision)
    {
        Assert.All(WriteAndRead(precision, new float[Block + 1]), value => Assert.Equal(0, value));
        Assert.Equal(BitConverter.SingleToInt32Bits(-0f), BitConverter.SingleToInt32Bits(WriteAndRead(GradientPrecision.Full, [-0f])[0]));
    }

    [Fact]
    public void Beyond_the_largest_half_it_is_the_largest_half()
    {
        float[] vector = [65_504, 65_519, 65_520, 1e30f, float.MaxValue, -65_536, -1e30f, 3];
        Assert.Equal([65_504, 65_504, 65_504, 65_504, 65_504, -65_504, -65_504, 3], WriteAndRead(GradientPrecision.Half, vector));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_stays_so_wherever_it_is_and_the_other_blocks_stay_finite(float bad)
    {
        foreach (var at in (int[])[0, 1, 17, Block - 1, Block, 2 * Block + 5])
        {
            var vector = Enumerable.Range(0, 2 * Block + 6).Select(i => i == at ? bad : i % 9 - 4f).ToArray();
            foreach (var precision in (GradientPrecision[])[GradientPrecision.Full, GradientPrecision.Half])
                Assert.Equal(vector, WriteAndRead(precision, vector)); // small whole numbers are halves
            var eights = WriteAndRead(GradientPrecision.EightBit, vector);
            Assert.All(Enumerable.Range(0, vector.Length), i => Assert.Equal(i / Block == at / Block, float.IsNaN(eights[i])));
        }
    }

    [Fact]
    public void The_bytes_are_as_written_down()
    {
        Assert.Equal("0000803F" + "7FC00001", Written(GradientPrecision.EightBit, [127, -64, 0.4f, 1]));
        Assert.Equal("003C" + "00C0" + "FF7B", Written(GradientPrecision.Half, [1, -2, 65_504]));
        Assert.Equal("0000803F" + "000000C0", Written(GradientPrecision.Full, [1, -2]));
        Assert.Equal((4 * 513, 2 * 513, 513 + 3 * 4), (VectorCoding.Size(GradientPrecision.Full, 513), VectorCoding.Size(GradientPrecision.Half, 513), VectorCoding.Size(GradientPrecision.EightBit, 513)));
    }

    [Theory]
    [MemberData(nameof(EveryPrecision))]
    public void Nothing_is_allocated(GradientPrecision precision)
    {
        var (vector, bytes) = (new float[1_000], new byte[4_000]);
        VectorCoding.Round(precision, vector);
        var before = GC.GetAllocatedBytesForCurrentThread();
        VectorCoding.Round(precision, vector);
        VectorCoding.Write(precision, vector, bytes);
        VectorCoding.Read(precision, bytes, vector);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static float AnyFloat(Pcg64 random, int exponent) =>
        BitConverter.UInt32BitsToSingle((uint)random.NextInteger(2) << 31 | (uint)exponent << 23 | (uint)random.NextInteger(1 << 23));

    private static float[] WriteAndRead(GradientPrecision precision, float[] vector)
    {
        var (bytes, read) = (new byte[VectorCoding.Size(precision, vector.Length)], new float[vector.Length]);
        VectorCoding.Write(precision, vector, bytes);
        VectorCoding.Read(precision, bytes, read);
        return read;
    }

    private static string Written(GradientPrecision precision, float[] vector)
    {
        var bytes = new byte[VectorCoding.Size(precision, vector.Length)];
        VectorCoding.Write(precision, vector, bytes);
        return Convert.ToHexString(bytes);
    }

    private static void AssertNearest(GradientPrecision precision, float[] vector, float[] read)
    {
        Assert.Equal(vector.Length, read.Length);
        switch (precision)
        {
            case GradientPrecision.Full:
                Assert.Equal(vector, read);
                break;
            case GradientPrecision.Half:
                for (var i = 0; i < vector.Length; i++)
                    AssertNearestHalf(vector[i], read[i]);
                break;
            default:
                for (var start = 0; start < vector.Length; start += Block)
                    AssertNearestEights(vector.AsSpan(start, Math.Min(Block, vector.Length - start)), read.AsSpan(start));
                break;
        }
    }

    private static void AssertNearestHalf(float value, float read)
    {
        var above = Array.BinarySearch(Halves, value) is var found && found >= 0 ? found : ~found;
        var nearest = Math.Min(
            Math.Abs((double)value - Halves[Math.Max(0, above - 1)]), Math.Abs((double)value - Halves[Math.Min(above, Halves.Length - 1)]));
        Assert.True(Array.BinarySearch(Halves, read) >= 0);
        Assert.Equal(nearest, Math.Abs((double)value - read));
    }

    /// <summary>All in double: the scale is the largest magnitude's 127th part, cut to 17 bits, and nothing below the normal range.</summary>
    private static void AssertNearestEights(ReadOnlySpan<float> block, ReadOnlySpan<float> read)
    {
        var largest = 0.0;
        foreach (var value in block)
            largest = Math.Max(largest, Math.Abs((double)value));
        var scale = (double)(float)(largest / 127);
        var unit = scale > 0 ? Math.ScaleB(1, Math.ILogB(scale) - 16) : 1;
        scale = scale < Math.ScaleB(1, -126) ? 0 : Math.Floor(scale / unit) * unit;
        for (var i = 0; i < block.Length; i++)
        {
            if (scale == 0)
            {
                Assert.Equal(0, read[i]);
                continue;
            }
            var multiple = read[i] / scale;
            Assert.Equal(Math.Round(multiple), multiple);
            Assert.InRange(multiple, -127, 127);
            Assert.InRange(Math.Abs((double)block[i] - read[i]) / scale, 0, 0.5 + 1e-5);
        }
    }
}
