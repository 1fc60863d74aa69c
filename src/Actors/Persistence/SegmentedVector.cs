using AkkaRL.Models.State;

namespace AkkaRL.Actors.Persistence;

/// <summary>A vector of a captured state that lies in segment files, or will when the state is stored.</summary>
/// <param name="count">Floats.</param>
/// <param name="segments">Its segments, in order.</param>
internal sealed class SegmentedVector(long count, IReadOnlyList<SegmentedVector.Segment> segments)
{
    /// <summary>One file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="count">Floats.</param>
    public sealed class Segment(string name, int count)
    {
        public string Name => name;

        public int Count => count;

        /// <summary>What is to be written; null once the file is there.</summary>
        public float[]? Content { get; set; }

        /// <summary>SHA-256 of the file; null before it is there.</summary>
        public byte[]? Checksum { get; set; }
    }

    public long Count => count;

    public IReadOnlyList<Segment> Segments => segments;

    /// <summary>Copies those segments of a ring that no file holds yet. What a segment holds follows from how far the ring was written when its rows were last.</summary>
    public static SegmentedVector Capture(string name, ReadOnlySpan<float> rows, in RingExtent ring, long incarnation, SegmentFolder folder)
    {
        var segments = new List<Segment>();
        for (var start = 0; start < rows.Length; start += folder.SegmentSize)
        {
            var part = rows.Slice(start, Math.Min(folder.SegmentSize, rows.Length - start));
            var lastWrite = LastWrite(ring, start / ring.RowSize, (start + part.Length + ring.RowSize - 1) / ring.RowSize);
            var segment = new Segment($"{name}-{start / folder.SegmentSize}-{incarnation}-{lastWrite}", part.Length);
            segment.Checksum = folder.Find(segment.Name);
            if (segment.Checksum is null)
            {
                segment.Content = GC.AllocateUninitializedArray<float>(part.Length);
                part.CopyTo(segment.Content);
            }
            segments.Add(segment);
        }
        return new SegmentedVector(rows.Length, segments);
    }

    /// <summary>Rows written to the ring when one of these, from <paramref name="first"/> to before <paramref name="end"/>, was last.</summary>
    public static long LastWrite(in RingExtent ring, int first, int end)
    {
        var head = ring.Written % ring.Capacity;
        var lap = ring.Written - head;
        return first < head ? lap + Math.Min(head, end) : lap - ring.Capacity + Math.Min(end, ring.Capacity);
    }

    /// <summary>Writes what no file holds yet.</summary>
    /// <exception cref="IOException">There is no room, or no permission.</exception>
    public void Write(SegmentFolder folder)
    {
        foreach (var segment in segments)
        {
            if (segment.Content is not { } content)
                continue;
            segment.Checksum = folder.Write(segment.Name, content);
            segment.Content = null;
        }
    }

    /// <summary>Reads it, from files or from what is to be written; any thread may.</summary>
    /// <exception cref="InvalidSnapshotException">A file is not there, or not as it was written.</exception>
    public void Read(SegmentFolder? folder, Span<float> destination)
    {
        foreach (var segment in segments)
        {
            var part = destination[..segment.Count];
            if (segment.Content is { } content)
                content.CopyTo(part);
            else
                (folder ?? throw new InvalidSnapshotException("it lies in segment files, and it is not known where they are.")).Read(segment.Name, segment.Checksum, part);
            destination = destination[segment.Count..];
        }
    }

    /// <summary>Reads every file once, to see that it is as it was written.</summary>
    /// <exception cref="InvalidSnapshotException">It is not.</exception>
    public void Verify(SegmentFolder? folder)
    {
        foreach (var segment in segments)
            new SegmentedVector(segment.Count, [segment]).Read(folder, new float[segment.Count]);
    }
}
