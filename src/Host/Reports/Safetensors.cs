using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace AkkaRL.Host.Reports;

/// <summary>
/// The safetensors format, float32 only: the header's length (8 bytes, little-endian), a JSON header that names each tensor with its shape and place,
/// then the tensors' bytes, which are our memory's on every processor that AkkaRL runs on (little-endian). Source: huggingface/safetensors, "Format".
/// </summary>
internal static class Safetensors
{
    private const string Metadata = "__metadata__";
    private const int LongestHeader = 100_000_000;

    /// <summary>Writes one flat vector as its named tensors, with <paramref name="metadata"/> and the SHA-256 of the tensors' bytes.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="values">The flat vector.</param>
    /// <param name="tensors">Name, shape and offset of each tensor; in order, without gaps.</param>
    /// <param name="metadata">Texts to keep with them.</param>
    public static void Write(
        Stream stream, ReadOnlySpan<float> values, IReadOnlyList<(string Name, int[] Shape, int Offset)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var bytes = MemoryMarshal.AsBytes(values);
        var header = new Dictionary<string, object>
        {
            [Metadata] = new Dictionary<string, string>(metadata) { ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes)) },
        };
        foreach (var (name, shape, offset) in tensors)
        {
            var size = shape.Aggregate(1, (product, length) => product * length);
            header[name] = new Dictionary<string, object>
            {
                ["dtype"] = "F32",
                ["shape"] = shape,
                ["data_offsets"] = new[] { 4L * offset, 4L * (offset + size) },
            };
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padding = -json.Length & 7;
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length + padding);
        stream.Write(length);
        stream.Write(json);
        for (var i = 0; i < padding; i++)
            stream.WriteByte((byte)' ');
        stream.Write(bytes);
    }

    /// <summary>Reads the flat vector and its metadata back.</summary>
    /// <exception cref="InvalidDataException">It is not such a file, or its bytes do not match their checksum.</exception>
    public static (float[] Values, IReadOnlyDictionary<string, string> Metadata) Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 8 || BinaryPrimitives.ReadInt64LittleEndian(file) is not (>= 2 and <= LongestHeader))
            throw new InvalidDataException("it does not begin with a header");
        var length = BinaryPrimitives.ReadInt64LittleEndian(file);
        if (length > file.Length - 8 || (file.Length - 8 - length) % 4 != 0)
            throw new InvalidDataException("it is cut short");
        var metadata = ReadMetadata(file.Slice(8, (int)length));
        var bytes = file[(8 + (int)length)..];
        if (metadata.TryGetValue("sha256", out var expected) && expected != Convert.ToHexStringLower(SHA256.HashData(bytes)))
            throw new InvalidDataException("its checksum does not match its content");
        return (MemoryMarshal.Cast<byte, float>(bytes).ToArray(), metadata);
    }

    private static Dictionary<string, string> ReadMetadata(ReadOnlySpan<byte> header)
    {
        try
        {
            var reader = new Utf8JsonReader(header);
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.TryGetProperty(Metadata, out var metadata)
                ? metadata.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "")
                : [];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("its header is not JSON", error);
        }
    }
}
