using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Actors.Wire;

/// <summary>
/// Vectors as bytes, little-endian, at each precision. Full: float32. Half: IEEE binary16. Eight bits: for each block of 256 values, of which the last may be shorter,
/// a scale s (float32) and a signed byte q a value, which stands for q·s. Pure; allocates nothing.
/// </summary>
/// <remarks>
/// <para>
/// Eight bits: s = max|x| / 127, q = x / s rounded to nearest. The last 7 bits of s are zero, so that q·s is exact, and a vector that was rounded once is written and read as it is: what a
/// node takes for sent and what the learner adds are the same numbers. A block whose scale would be below a float's normal range is zero.
/// </para>
/// <para>What is not finite stays so: as it is at half, all of its block as NaN at eight bits. What is finite stays that, too: beyond ±65504 it is ±65504 at half.</para>
/// </remarks>
internal static class VectorCoding
{
    /// <summary>Values of a block.</summary>
    public const int BlockLength = 256;

    private const float Levels = 127, LargestHalf = 65504;

    private const uint ScaleBits = ~0x7Fu;

    /// <summary>Bytes of a vector of so many values.</summary>
    public static long Size(GradientPrecision precision, long length) => precision switch
    {
        GradientPrecision.Full => sizeof(float) * length,
        GradientPrecision.Half => sizeof(ushort) * length,
        _ => length + sizeof(float) * ((length + BlockLength - 1) / BlockLength),
    };

    /// <summary>Makes of each value what is read of it where it was written.</summary>
    public static void Round(GradientPrecision precision, Span<float> values)
    {
        if (precision == GradientPrecision.Full)
            return;
        Span<byte> bytes = stackalloc byte[(int)Size(precision, BlockLength)];
        for (var start = 0; start < values.Length; start += BlockLength)
        {
            var block = values.Slice(start, Math.Min(BlockLength, values.Length - start));
            WriteBlock(precision, block, bytes);
            ReadBlock(precision, bytes, block);
        }
    }

    /// <summary>Writes [N], rounded, into the first <see cref="Size"/> of the bytes.</summary>
    public static void Write(GradientPrecision precision, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (precision == GradientPrecision.Full)
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
        else
            for (var start = 0; start < values.Length; start += BlockLength)
                WriteBlock(precision, values.Slice(start, Math.Min(BlockLength, values.Length - start)), bytes[(int)Size(precision, start)..]);
    }

    /// <summary>Reads [N] from the first <see cref="Size"/> of the bytes, whatever they are.</summary>
    public static void Read(GradientPrecision precision, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (precision == GradientPrecision.Full)
            bytes[..(sizeof(float) * values.Length)].CopyTo(MemoryMarshal.AsBytes(values));
        else
            for (var start = 0; start < values.Length; start += BlockLength)
                ReadBlock(precision, bytes[(int)Size(precision, start)..], values.Slice(start, Math.Min(BlockLength, values.Length - start)));
    }

    private static void WriteBlock(GradientPrecision precision, ReadOnlySpan<float> block, Span<byte> bytes)
    {
        if (precision == GradientPrecision.Half)
            WriteHalves(block, bytes);
        else
            WriteEights(block, bytes);
    }

    private static void ReadBlock(GradientPrecision precision, ReadOnlySpan<byte> bytes, Span<float> block)
    {
        if (precision == GradientPrecision.Half)
            ReadHalves(bytes, block);
        else
            ReadEights(bytes, block);
    }

    private static void WriteHalves(ReadOnlySpan<float> block, Span<byte> bytes)
    {
        Span<Half> halves = stackalloc Half[BlockLength];
        halves = halves[..block.Length];
        if (Magnitude(block) <= LargestHalf)
            TensorPrimitives.ConvertToHalf(block, halves);
        else
            for (var i = 0; i < block.Length; i++)
                halves[i] = (Half)(float.IsFinite(block[i]) ? Math.Clamp(block[i], -LargestHalf, LargestHalf) : block[i]);
        MemoryMarshal.AsBytes(halves).CopyTo(bytes);
    }

    private static void ReadHalves(ReadOnlySpan<byte> bytes, Span<float> block)
    {
        Span<Half> halves = stackalloc Half[BlockLength];
        halves = halves[..block.Length];
        bytes[..(sizeof(ushort) * block.Length)].CopyTo(MemoryMarshal.AsBytes(halves));
        TensorPrimitives.ConvertToSingle(halves, block);
    }

    private static void WriteEights(ReadOnlySpan<float> block, Span<byte> bytes)
    {
        var scale = ScaleOf(block);
        MemoryMarshal.Write(bytes, scale);
        var eights = MemoryMarshal.Cast<byte, sbyte>(bytes.Slice(sizeof(float), block.Length));
        if (!(scale > 0))
        {
            eights.Clear();
            return;
        }
        Span<float> quotients = stackalloc float[BlockLength];
        TensorPrimitives.Divide(block, scale, quotients);
        TensorPrimitives.Round(quotients[..block.Length], quotients);
        for (var i = 0; i < eights.Length; i++)
            eights[i] = (sbyte)quotients[i];
    }

    private static void ReadEights(ReadOnlySpan<byte> bytes, Span<float> block)
    {
        var scale = MemoryMarshal.Read<float>(bytes);
        var eights = MemoryMarshal.Cast<byte, sbyte>(bytes.Slice(sizeof(float), block.Length));
        for (var i = 0; i < block.Length; i++)
            block[i] = eights[i];
        TensorPrimitives.Multiply(block, scale, block);
    }

    /// <summary>max|x| / 127, its last 7 bits cut off; zero below a float's normal range, NaN where a value is not finite.</summary>
    private static float ScaleOf(ReadOnlySpan<float> block)
    {
        var magnitude = Magnitude(block);
        if (!float.IsFinite(magnitude))
            return float.NaN;
        var scale = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(magnitude / Levels) & ScaleBits);
        return float.IsNormal(scale) ? scale : 0;
    }

    private static float Magnitude(ReadOnlySpan<float> block) => Math.Abs(TensorPrimitives.MaxMagnitude(block));
}
