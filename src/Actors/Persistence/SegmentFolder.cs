using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AkkaRL.Actors.Persistence;

/// <summary>
/// The files beside a run's database that hold what is too large to be written anew with every snapshot: a replay, in segments. A file is
/// written once, under a name that no other content ever has, and every snapshot that it belongs to names it with its checksum.
/// </summary>
/// <remarks>Any thread may ask and read; one at a time writes and deletes.</remarks>
/// <param name="path">The folder, made when it is first written to.</param>
/// <param name="segmentSize">Floats of a segment.</param>
internal sealed class SegmentFolder(string path, int segmentSize = 1 << 20)
{
    private const string Extension = ".segment";

    private readonly ConcurrentDictionary<string, byte[]> written = new(StringComparer.Ordinal);

    /// <summary>Floats of a segment, but for the last one of a vector.</summary>
    public int SegmentSize => segmentSize;

    /// <summary>The checksum of a segment that this process has written; null when it has not.</summary>
    public byte[]? Find(string name) => written.GetValueOrDefault(name);

    /// <summary>Writes a segment, and returns its SHA-256.</summary>
    /// <exception cref="IOException">There is no room, or no permission.</exception>
    public byte[] Write(string name, ReadOnlySpan<float> content)
    {
        Directory.CreateDirectory(path);
        var bytes = MemoryMarshal.AsBytes(content);
        var unfinished = PathOf(name) + ".part";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, PathOf(name), overwrite: true);
        return written[name] = SHA256.HashData(bytes);
    }

    /// <summary>Reads a segment.</summary>
    /// <exception cref="InvalidSnapshotException">It is not there, or not as it was written.</exception>
    public void Read(string name, ReadOnlySpan<byte> checksum, Span<float> content)
    {
        var bytes = MemoryMarshal.AsBytes(content);
        try
        {
            using var file = new FileStream(PathOf(name), FileMode.Open, FileAccess.Read);
            if (file.Length != bytes.Length)
                throw new InvalidSnapshotException($"its segment {PathOf(name)} has {file.Length} bytes where it should have {bytes.Length}: it is cut off or damaged.");
            file.ReadExactly(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSnapshotException($"its segment {PathOf(name)} cannot be read: {error.Message}");
        }
        if (!checksum.SequenceEqual(SHA256.HashData(bytes)))
            throw new InvalidSnapshotException($"the checksum of its segment {PathOf(name)} does not match: it is damaged.");
    }

    /// <summary>Deletes every segment but these. One that cannot be deleted stays until the next time.</summary>
    public void Retain(IReadOnlySet<string> names)
    {
        if (!Directory.Exists(path))
            return;
        foreach (var file in Directory.EnumerateFiles(path))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (file.EndsWith(Extension, StringComparison.Ordinal) && names.Contains(name))
                continue;
            written.TryRemove(name, out _);
            try
            {
                File.Delete(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It costs room, and nothing else.
            }
        }
    }

    private string PathOf(string name) => Path.Combine(path, name + Extension);
}
