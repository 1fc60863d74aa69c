using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AkkaRL.Actors.Protocol;
using Google.Protobuf;

namespace AkkaRL.Actors.Wire;

/// <summary>
/// A message as bytes: length of the structure (u32), number of vectors (u8), the first one's <see cref="GradientPrecision"/> (u8), the length of each in values (u32), the structure
/// (protobuf, cluster.proto), the vectors (<see cref="VectorCoding"/>; all but the first at full precision). Little-endian. Which kind of message it is, its manifest, is said outside.
/// </summary>
internal static class WireFormat
{
    /// <summary>Of this format and of the conversation; nodes of another version are refused.</summary>
    public const int Version = 3;

    private const int FixedSize = 6;

    private static readonly Dictionary<Type, WireEntry> ByType = WireMessages.All.ToDictionary(entry => entry.Type);

    private static readonly Dictionary<string, WireEntry> ByManifest = WireMessages.All.ToDictionary(entry => entry.Manifest, StringComparer.Ordinal);

    /// <summary>Every type that crosses the wire.</summary>
    public static IEnumerable<Type> Types => ByType.Keys;

    /// <summary>What kind of message it is.</summary>
    /// <exception cref="ArgumentException">It is none that crosses the wire.</exception>
    public static string ManifestOf(object message) => Find(message).Manifest;

    /// <summary>Writes a message.</summary>
    /// <exception cref="ArgumentException">It is none that crosses the wire.</exception>
    public static byte[] Encode(object message)
    {
        var entry = Find(message);
        var structure = entry.ToStructure(message);
        var vectors = entry.VectorsOf(message);
        var precision = entry.PrecisionOf?.Invoke(message) ?? GradientPrecision.Full;
        var length = structure.CalculateSize();
        var header = FixedSize + sizeof(uint) * vectors.Count;
        long size = 0;
        for (var i = 0; i < vectors.Count; i++)
            size += VectorCoding.Size(At(i, precision), vectors[i].Length);
        var bytes = new byte[header + length + size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        (bytes[4], bytes[5]) = ((byte)vectors.Count, (byte)precision);
        for (var i = 0; i < vectors.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FixedSize + sizeof(uint) * i), (uint)vectors[i].Length);
        structure.WriteTo(bytes.AsSpan(header, length));
        var rest = bytes.AsSpan(header + length);
        for (var i = 0; i < vectors.Count; i++)
        {
            VectorCoding.Write(At(i, precision), vectors[i].Span, rest);
            rest = rest[(int)VectorCoding.Size(At(i, precision), vectors[i].Length)..];
        }
        return bytes;
    }

    /// <summary>Reads a message. Allocates no more than the bytes account for: a float for each element of a vector, four times the bytes of one rounded to eight bits.</summary>
    /// <exception cref="WireFormatException">They are not a message of this kind.</exception>
    public static object Decode(string manifest, ReadOnlySpan<byte> bytes)
    {
        if (!ByManifest.TryGetValue(manifest, out var entry))
            throw new WireFormatException($"\"{Shown(manifest)}\" is no message of this version.");
        if (bytes.Length < FixedSize)
            throw new WireFormatException($"A message of kind {manifest} has {bytes.Length} bytes, fewer than its header.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var (count, precision) = (bytes[4], (GradientPrecision)bytes[5]);
        if (entry.PrecisionOf is null ? precision != GradientPrecision.Full : !Enum.IsDefined(precision))
            throw new WireFormatException($"A message of kind {manifest} has no vectors of precision {(int)precision}.");
        var header = FixedSize + sizeof(uint) * (long)count;
        if (header + length > bytes.Length)
            throw new WireFormatException($"A message of kind {manifest} has {bytes.Length} bytes where its header needs {header + length}.");
        var lengths = MemoryMarshal.Cast<byte, uint>(bytes[FixedSize..(int)header]);
        var needed = header + length;
        for (var i = 0; i < lengths.Length; i++)
            needed += VectorCoding.Size(At(i, precision), lengths[i]);
        if (needed != bytes.Length)
            throw new WireFormatException($"A message of kind {manifest} has {bytes.Length} bytes where its vectors need {needed}.");
        if (entry.Vectors is { } wanted ? count != wanted : count > WireMessages.MaximumVectors)
            throw new WireFormatException($"A message of kind {manifest} has {count} vectors.");
        var vectors = ReadVectors(lengths, precision, bytes[(int)(header + length)..]);
        try
        {
            return entry.Read(bytes.Slice((int)header, (int)length), vectors, precision);
        }
        catch (InvalidProtocolBufferException invalid)
        {
            throw new WireFormatException($"The structure of a message of kind {manifest} is damaged: {invalid.Message}", invalid);
        }
    }

    private static GradientPrecision At(int vector, GradientPrecision first) => vector == 0 ? first : GradientPrecision.Full;

    private static ReadOnlyMemory<float>[] ReadVectors(ReadOnlySpan<uint> lengths, GradientPrecision precision, ReadOnlySpan<byte> bytes)
    {
        var vectors = new ReadOnlyMemory<float>[lengths.Length];
        for (var i = 0; i < vectors.Length; i++)
        {
            var values = new float[lengths[i]];
            VectorCoding.Read(At(i, precision), bytes, values);
            vectors[i] = values;
            bytes = bytes[(int)VectorCoding.Size(At(i, precision), values.Length)..];
        }
        return vectors;
    }

    private static WireEntry Find(object message) => ByType.TryGetValue(message.GetType(), out var entry)
        ? entry
        : throw new ArgumentException($"{message.GetType()} does not cross the wire.", nameof(message));

    private static string Shown(string manifest) => manifest.Length <= 20 ? manifest : $"{manifest[..20]}...";
}
