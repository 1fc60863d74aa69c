using System.Diagnostics.CodeAnalysis;
using AkkaRL.Models.State;

namespace AkkaRL.Actors.Persistence;

/// <summary>
/// What a training shape captures and restores: named numbers, bytes and float vectors. Vectors go into one buffer that is used again
/// for the next capture, so that capturing costs one memory copy and no allocation.
/// </summary>
public sealed class RunState
{
    private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);
    private float[] vectors = [];
    private int used;

    /// <summary>Every value and its name, in order of writing: a long, a double, bytes, the range of a vector, or a vector in segments.</summary>
    internal IReadOnlyDictionary<string, object> Values => values;

    /// <summary>The vectors, one after the other.</summary>
    internal ReadOnlySpan<float> Vectors => vectors.AsSpan(0, used);

    /// <summary>Floats of all vectors together.</summary>
    internal int Size => used;

    /// <summary>Where segments are; null when everything goes into the snapshot.</summary>
    internal SegmentFolder? Segments { get; set; }

    /// <summary>Size of a ring, bytes, above which it goes into segments.</summary>
    internal long RingLimit { get; set; }

    /// <summary>Which life of the learner captures, and names segments.</summary>
    internal long Incarnation { get; set; }

    /// <summary>Vectors that lie in segment files.</summary>
    internal IEnumerable<SegmentedVector> SegmentedVectors => values.Values.OfType<SegmentedVector>();

    /// <summary>Forgets everything but the buffer.</summary>
    public void Clear()
    {
        values.Clear();
        used = 0;
    }

    /// <summary>Makes room for vectors of so many floats in all, and writes to all of it once, while nothing is held.</summary>
    internal void Reserve(int count)
    {
        vectors = GC.AllocateUninitializedArray<float>(count);
        vectors.AsSpan().Clear();
    }

    /// <summary>Writes a number.</summary>
    public void Write(string name, long value) => values.Add(name, value);

    /// <summary>Writes a number.</summary>
    public void Write(string name, double value) => values.Add(name, value);

    /// <summary>Writes bytes, which nobody may change from now on.</summary>
    public void Write(string name, ReadOnlyMemory<byte> value) => values.Add(name, value);

    /// <summary>Copies a vector.</summary>
    public void Write(string name, ReadOnlySpan<float> value) => value.CopyTo(Add(name, value.Length));

    /// <summary>Copies a vector that holds a ring: all of it, or of a large one what no segment file holds yet.</summary>
    public void Write(string name, ReadOnlySpan<float> rows, in RingExtent ring)
    {
        if (Segments is null || ring.Bytes <= RingLimit)
            Write(name, rows);
        else
            Write(name, SegmentedVector.Capture(name, rows, ring, Incarnation, Segments));
    }

    /// <summary>Whether there is a value of this name.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>The number of this name.</summary>
    /// <exception cref="InvalidSnapshotException">There is none.</exception>
    public long Whole(string name) => Get<long>(name);

    /// <summary>The number of this name.</summary>
    /// <exception cref="InvalidSnapshotException">There is none.</exception>
    public double Real(string name) => Get<double>(name);

    /// <summary>The bytes of this name.</summary>
    /// <exception cref="InvalidSnapshotException">There are none.</exception>
    public ReadOnlyMemory<byte> Data(string name) => Get<ReadOnlyMemory<byte>>(name);

    /// <summary>The vector of this name.</summary>
    /// <exception cref="InvalidSnapshotException">There is none.</exception>
    public ReadOnlySpan<float> Vector(string name) => vectors.AsSpan(Get<Range>(name));

    /// <summary>Copies the vector of this name.</summary>
    /// <exception cref="InvalidSnapshotException">There is none, it has another length, or a segment of it cannot be read.</exception>
    public void Read(string name, Span<float> destination)
    {
        var segmented = values.GetValueOrDefault(name) as SegmentedVector;
        var length = segmented?.Count ?? Vector(name).Length;
        if (length != destination.Length)
            throw new InvalidSnapshotException($"its \"{name}\" has {length} elements where this run has {destination.Length}: it is of another network or optimizer.");
        if (segmented is null)
            Vector(name).CopyTo(destination);
        else
            segmented.Read(Segments, destination);
    }

    /// <summary>Reads every segment file once, to see that all are as they were written.</summary>
    /// <exception cref="InvalidSnapshotException">One is not.</exception>
    public void VerifySegments()
    {
        foreach (var vector in SegmentedVectors)
            vector.Verify(Segments);
    }

    /// <summary>Writes a vector that lies in segments.</summary>
    internal void Write(string name, SegmentedVector vector) => values.Add(name, vector);

    /// <summary>Room for a vector that the caller writes.</summary>
    internal Span<float> Add(string name, int count)
    {
        if (vectors.Length - used < count)
            Array.Resize(ref vectors, checked(used + count));
        values.Add(name, new Range(used, used + count));
        used += count;
        return vectors.AsSpan(used - count, count);
    }

    private T Get<T>(string name) => values.TryGetValue(name, out var value) && value is T wanted ? wanted : Missing<T>(name);

    [DoesNotReturn]
    private static T Missing<T>(string name) => throw new InvalidSnapshotException($"it holds no \"{name}\": it was made by another training shape or version.");
}
