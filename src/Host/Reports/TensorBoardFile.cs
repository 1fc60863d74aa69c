using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace AkkaRL.Host.Reports;

/// <summary>
/// Writes scalars as a TensorBoard event file. Each record is its length, the length's checksum, an Event, the Event's checksum;
/// an Event is protobuf, encoded by hand for it has three fields that matter.
/// Sources: tensorflow/core/lib/io/record_writer.cc, tensorflow/core/util/event.proto, summary.proto.
/// </summary>
internal sealed class TensorBoardFile : IDisposable
{
    // Not buffered: an event that finds no room is not tried again when the file is closed.
    private readonly FileStream file;
    private readonly TimeProvider time;

    private TensorBoardFile(FileStream file, TimeProvider time) => (this.file, this.time) = (file, time);

    public TensorBoardFile(string folder, TimeProvider time) : this(new FileStream(Path.Combine(folder, $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeSeconds()}.akkarl"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0), time)
    {
        // The first event says how the rest are to be read; field 3 is file_version.
        WriteRecord(Event(0, Field(3, "brain.Event:2"u8)));
    }

    /// <summary>The latest event file of a folder; null when there is none.</summary>
    public static string? FindLatest(string folder) => Directory.EnumerateFiles(folder, "events.out.tfevents.*.akkarl").Max(StringComparer.Ordinal);

    /// <summary>Continues a file.</summary>
    public static TensorBoardFile Open(string path, TimeProvider time) => new(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0), time);

    /// <summary>Keeps the first so many of the events written, and goes on after them; also after fewer, when the last is not whole.</summary>
    public void CutBack(int events)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        long position = 0;
        // One more than asked for: the file's head is a record too.
        for (var record = 0; record <= events; record++)
        {
            file.Position = position;
            if (file.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
                break;
            var end = position + 16 + BinaryPrimitives.ReadInt64LittleEndian(length);
            if (end > file.Length || end < position)
                break;
            position = end;
        }
        file.SetLength(position);
        file.Position = position;
    }

    /// <summary>Writes one event with these scalars; those that are not finite are left out.</summary>
    public void Write(long step, params ReadOnlySpan<(string Tag, double Value)> scalars)
    {
        var summary = new MemoryStream();
        foreach (var (tag, value) in scalars)
            if (double.IsFinite(value))
                summary.Write(Field(1, [.. Field(1, Encoding.UTF8.GetBytes(tag)), .. Fixed32(2, (float)value)]));
        if (summary.Length == 0)
            return;
        WriteRecord(Event(step, Field(5, summary.ToArray())));
    }

    public void Dispose() => file.Dispose();

    /// <summary>CRC-32C, rotated and shifted so that a checksum of checksums is none.</summary>
    public static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var value in bytes)
            checksum = BitOperations.Crc32C(checksum, value);
        return BitOperations.RotateRight(~checksum, 15) + 0xa282ead8;
    }

    private void WriteRecord(byte[] content)
    {
        var record = new byte[content.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedChecksum(record.AsSpan(0, 8)));
        content.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + content.Length), MaskedChecksum(content));
        file.Write(record);
    }

    /// <summary>Event: wall_time (1, double), step (2, int64), and one field of content.</summary>
    private byte[] Event(long step, byte[] content)
    {
        var wallTime = new byte[9];
        wallTime[0] = 1 << 3 | 1;
        BinaryPrimitives.WriteDoubleLittleEndian(wallTime.AsSpan(1), time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        return [.. wallTime, 2 << 3, .. VarInt((ulong)step), .. content];
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content) => [(byte)(number << 3 | 2), .. VarInt((ulong)content.Length), .. content];

    private static byte[] Fixed32(int number, float value)
    {
        var field = new byte[5];
        field[0] = (byte)(number << 3 | 5);
        BinaryPrimitives.WriteSingleLittleEndian(field.AsSpan(1), value);
        return field;
    }

    private static List<byte> VarInt(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
