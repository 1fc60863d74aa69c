using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace AkkaRL.Actors.Wire;

/// <summary>
/// A message as bytes: length of the structure (u32), number of vectors (u16), the length of each in floats (u32), the structure
/// (protobuf, cluster.proto), the vectors (float32). Little-endian. Which kind of message it is, its manifest, is said outside.
/// </summary>
internal static class WireFormat
{
    /// <summary>Of this format and of the conversation; nodes of another version are refused.</summary>
    public const int Version = 2;

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
        var length = structure.CalculateSize();
        var header = FixedSize + sizeof(uint) * vectors.Count;
        var bytes = new byte[header + length + sizeof(float) * vectors.Sum(vector => vector.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), (ushort)vectors.Count);
        for (var i = 0; i < vectors.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FixedSize + sizeof(uint) * i), (uint)vectors[i].Length);
        structure.WriteTo(bytes.AsSpan(header, length));
        var rest = bytes.AsSpan(header + length);
        foreach (var vector in vectors)
        {
            MemoryMarshal.AsBytes(vector.Span).CopyTo(rest);
            rest = rest[(sizeof(float) * vector.Length)..];
        }
        return bytes;
    }

    /// <summary>Reads a message. Allocates no more than the bytes account for.</summary>
    /// <exception cref="WireFormatException">They are not a message of this kind.</exception>
    public static object Decode(string manifest, ReadOnlySpan<byte> bytes)
    {
        if (!ByManifest.TryGetValue(manifest, out var entry))
            throw new WireFormatException($"\"{Shown(manifest)}\" is no message of this version.");
        if (bytes.Length < FixedSize)
            throw new WireFormatException($"A message of kind {manifest} has {bytes.Length} bytes, fewer than its header.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        var header = FixedSize + sizeof(uint) * (long)count;
        if (header + length > bytes.Length)
            throw new WireFormatException($"A message of kind {manifest} has {bytes.Length} bytes where its header needs {header + length}.");
        var lengths = MemoryMarshal.Cast<byte, uint>(bytes[FixedSize..(int)header]);
        long floats = 0;
        foreach (var vector in lengths)
            floats += vector;
        if (header + length + sizeof(float) * floats != bytes.Length)
            throw new WireFormatException($"A message of kind {manifest} has {bytes.Length} bytes where its vectors need {header + length + sizeof(float) * floats}.");
        if (entry.Vectors is { } wanted ? count != wanted : count > WireMessages.MaximumVectors)
            throw new WireFormatException($"A message of kind {manifest} has {count} vectors.");
        var vectors = ReadVectors(lengths, bytes[(int)(header + length)..]);
        try
        {
            return entry.Read(bytes.Slice((int)header, (int)length), vectors);
        }
        catch (InvalidProtocolBufferException invalid)
        {
            throw new WireFormatException($"The structure of a message of kind {manifest} is damaged: {invalid.Message}", invalid);
        }
    }

    private static ReadOnlyMemory<float>[] ReadVectors(ReadOnlySpan<uint> lengths, ReadOnlySpan<byte> bytes)
    {
        var vectors = new ReadOnlyMemory<float>[lengths.Length];
        for (var i = 0; i < vectors.Length; i++)
        {
            var size = sizeof(float) * (int)lengths[i];
            var values = new float[lengths[i]];
            bytes[..size].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            vectors[i] = values;
            bytes = bytes[size..];
        }
        return vectors;
    }

    private static WireEntry Find(object message) => ByType.TryGetValue(message.GetType(), out var entry)
        ? entry
        : throw new ArgumentException($"{message.GetType()} does not cross the wire.", nameof(message));

    private static string Shown(string manifest) => manifest.Length <= 20 ? manifest : $"{manifest[..20]}...";
}
