using System.Diagnostics.CodeAnalysis;

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

    /// <summary>Every value and its name, in order of writing: a long, a double, bytes, or the range of a vector.</summary>
    internal IReadOnlyDictionary<string, object> Values => values;

    /// <summary>The vectors, one after the other.</summary>
    internal ReadOnlySpan<float> Vectors => vectors.AsSpan(0, used);

    /// <summary>Forgets everything but the buffer.</summary>
    public void Clear()
    {
        values.Clear();
        used = 0;
    }

    /// <summary>Writes a number.</summary>
    public void Write(string name, long value) => values.Add(name, value);

    /// <summary>Writes a number.</summary>
    public void Write(string name, double value) => values.Add(name, value);

    /// <summary>Writes bytes, which nobody may change from now on.</summary>
    public void Write(string name, ReadOnlyMemory<byte> value) => values.Add(name, value);

    /// <summary>Copies a vector.</summary>
    public void Write(string name, ReadOnlySpan<float> value) => value.CopyTo(Add(name, value.Length));

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
    /// <exception cref="InvalidSnapshotException">There is none, or it has another length.</exception>
    public void Read(string name, Span<float> destination)
    {
        var vector = Vector(name);
        if (vector.Length != destination.Length)
            throw new InvalidSnapshotException($"its \"{name}\" has {vector.Length} elements where this run has {destination.Length}: it is of another network or optimizer.");
        vector.CopyTo(destination);
    }

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
