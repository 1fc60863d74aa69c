using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AkkaRL.Actors.Persistence.Wire;
using AkkaRL.Actors.Training;
using Google.Protobuf;

namespace AkkaRL.Actors.Persistence;

/// <summary>
/// Snapshots as bytes, format 1: magic (8 bytes), format (u32), length of the structure (u32), length of the vectors (u64),
/// the structure (protobuf, snapshot.proto), the vectors (float32), SHA-256 of all that. Little-endian.
/// </summary>
public static class SnapshotFormat
{
    /// <summary>The format written here; every lower one is read.</summary>
    public const uint Current = 1;

    private const int HeaderSize = 24;

    private static ReadOnlySpan<byte> Magic => "AkkaRL\r\n"u8;

    /// <summary>Writes a snapshot.</summary>
    public static byte[] Encode(SnapshotInfo info, RunState state)
    {
        var structure = ToWire(info, state);
        var length = structure.CalculateSize();
        var vectors = MemoryMarshal.AsBytes(state.Vectors);
        var bytes = new byte[HeaderSize + length + vectors.Length + SHA256.HashSizeInBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Current);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), (ulong)vectors.Length);
        structure.WriteTo(bytes.AsSpan(HeaderSize, length));
        vectors.CopyTo(bytes.AsSpan(HeaderSize + length));
        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes));
        return bytes;
    }

    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="InvalidSnapshotException">It is damaged, cut off, of a newer format, or no snapshot at all.</exception>
    public static (SnapshotInfo Info, RunState State) Decode(ReadOnlySpan<byte> bytes) => Decode(bytes, null);

    /// <summary>Reads a snapshot whose large vectors lie in these segment files; those are not looked at yet.</summary>
    /// <exception cref="InvalidSnapshotException">It is damaged, cut off, of a newer format, or no snapshot at all.</exception>
    internal static (SnapshotInfo Info, RunState State) Decode(ReadOnlySpan<byte> bytes, SegmentFolder? segments)
    {
        if (bytes.Length < HeaderSize + SHA256.HashSizeInBytes || !bytes.StartsWith(Magic))
            throw new InvalidSnapshotException($"these {bytes.Length} bytes are not a snapshot of AkkaRL.");
        // Before the checksum, which a newer format may place elsewhere.
        var format = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (format is 0 or > Current)
            throw new InvalidSnapshotException($"it is of format {format}; this version reads formats 1 to {Current}. Resume with the version that wrote it, or a later one.");
        var structureLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        var vectorsLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        var expected = (UInt128)HeaderSize + structureLength + vectorsLength + SHA256.HashSizeInBytes;
        if (expected != (UInt128)bytes.Length)
            throw new InvalidSnapshotException($"it has {bytes.Length} bytes where its header says {expected}: it is cut off or damaged.");
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..^SHA256.HashSizeInBytes], checksum);
        if (!checksum.SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            throw new InvalidSnapshotException("its checksum does not match: it is damaged.");
        var structure = Structure.Parser.ParseFrom(bytes.Slice(HeaderSize, (int)structureLength));
        var vectors = MemoryMarshal.Cast<byte, float>(bytes.Slice(HeaderSize + (int)structureLength, (int)vectorsLength));
        var state = StateOf(structure, vectors);
        state.Segments = segments;
        return (FromWire(structure), state);
    }

    private static Structure ToWire(SnapshotInfo info, RunState state)
    {
        var structure = new Structure
        {
            Algorithm = info.Algorithm,
            Environment = info.Environment,
            Seed = info.Seed,
            GlobalStep = info.GlobalStep,
            Updates = info.Updates,
            WallSeconds = info.WallSeconds,
            Incarnation = info.Incarnation,
            CreatedAtUnixMilliseconds = info.CreatedAt.ToUnixTimeMilliseconds(),
            Exact = info.IsExact,
            Rows = info.Rows,
            Rollbacks = info.Rollbacks,
        };
        foreach (var kind in FaultKinds())
            structure.Faults.Add(SettingKeys.Of(kind.Name), (int)kind.GetValue(info.Faults)!);
        structure.State.AddRange(state.Values.Select(entry => ToWire(entry.Key, entry.Value)));
        return structure;
    }

    private static Value ToWire(string name, object value) => value switch
    {
        long integer => new Value { Name = name, Integer = integer },
        double real => new Value { Name = name, Real = real },
        Range range => new Value { Name = name, Vector = new Vector { Offset = range.Start.Value, Count = range.End.Value - range.Start.Value } },
        SegmentedVector segmented => new Value { Name = name, Segmented = ToWire(segmented) },
        _ => new Value { Name = name, Data = ByteString.CopyFrom(((ReadOnlyMemory<byte>)value).Span) },
    };

    private static Segmented ToWire(SegmentedVector vector)
    {
        var segmented = new Segmented();
        segmented.Segments.AddRange(vector.Segments.Select(segment => new Segment
        {
            Name = segment.Name,
            Count = segment.Count,
            Sha256 = ByteString.CopyFrom(segment.Checksum ?? throw new InvalidOperationException("A segment is not written yet.")),
        }));
        return segmented;
    }

    private static SegmentedVector FromWire(Segmented segmented) => new(
        segmented.Segments.Sum(segment => segment.Count),
        [.. segmented.Segments.Select(segment => new SegmentedVector.Segment(segment.Name, (int)segment.Count) { Checksum = segment.Sha256.ToByteArray() })]);

    private static SnapshotInfo FromWire(Structure structure)
    {
        var faults = new FaultCounts();
        foreach (var kind in FaultKinds())
            if (structure.Faults.TryGetValue(SettingKeys.Of(kind.Name), out var count))
                kind.SetValue(faults, count);
        return new SnapshotInfo
        {
            Algorithm = structure.Algorithm,
            Environment = structure.Environment,
            Seed = structure.Seed,
            GlobalStep = structure.GlobalStep,
            Updates = structure.Updates,
            WallSeconds = structure.WallSeconds,
            Incarnation = structure.Incarnation,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(structure.CreatedAtUnixMilliseconds),
            IsExact = structure.Exact,
            Rows = structure.Rows,
            Rollbacks = structure.Rollbacks,
            Faults = faults,
        };
    }

    private static RunState StateOf(Structure structure, ReadOnlySpan<float> vectors)
    {
        var state = new RunState();
        foreach (var value in structure.State)
            switch (value.ContentCase)
            {
                case Value.ContentOneofCase.Integer:
                    state.Write(value.Name, value.Integer);
                    break;
                case Value.ContentOneofCase.Real:
                    state.Write(value.Name, value.Real);
                    break;
                case Value.ContentOneofCase.Data:
                    state.Write(value.Name, value.Data.Memory);
                    break;
                case Value.ContentOneofCase.Segmented:
                    state.Write(value.Name, FromWire(value.Segmented));
                    break;
                case Value.ContentOneofCase.Vector:
                    state.Write(value.Name, vectors.Slice((int)value.Vector.Offset, (int)value.Vector.Count));
                    break;
            }
        return state;
    }

    /// <summary>The kinds of faults are the record's own properties, so that a new kind is kept without a word here.</summary>
    private static IEnumerable<PropertyInfo> FaultKinds() => typeof(FaultCounts).GetProperties().Where(property => property.CanWrite && property.PropertyType == typeof(int));
}
