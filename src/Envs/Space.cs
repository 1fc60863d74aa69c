using System.Collections.Immutable;

namespace AkkaRL.Envs;

/// <summary>A set of flat float vectors: what an env's observations or actions may be. Closed family: <see cref="Discrete"/>, <see cref="Box"/>, <see cref="MultiDiscrete"/>.</summary>
public abstract record Space
{
    private protected Space() { }

    /// <summary>Floats that one value of the space takes.</summary>
    public abstract int Size { get; }

    /// <summary>Whether <paramref name="value"/> (<see cref="Size"/> floats) is a member.</summary>
    public abstract bool Contains(ReadOnlySpan<float> value);

    /// <summary>M, flags of a mask of the space's values: one an index of a <see cref="Discrete"/>, those of one component after the other of a
    /// <see cref="MultiDiscrete"/>; 0 for a <see cref="Box"/>, which cannot be masked.</summary>
    public virtual int MaskSize => 0;

    /// <summary>Whether a mask [M] leaves at least one value.</summary>
    public virtual bool IsLeftSomething(ReadOnlySpan<bool> allowed) => true;

    /// <summary>Whether a mask [M] leaves this member of the space.</summary>
    public virtual bool IsAllowed(ReadOnlySpan<bool> allowed, ReadOnlySpan<float> value) => true;

    /// <summary>Draws a member at random into <paramref name="value"/> (<see cref="Size"/> floats); unbounded components are drawn from a unit normal.</summary>
    public abstract void Sample(Pcg64 random, Span<float> value);
}

/// <summary>The integers 0 .. <paramref name="Count"/> - 1, held in one float.</summary>
public sealed record Discrete(int Count) : Space
{
    /// <inheritdoc/>
    public override int Size => 1;

    /// <inheritdoc/>
    public override bool Contains(ReadOnlySpan<float> value) =>
        value.Length == 1 && value[0] >= 0 && value[0] < Count && value[0] == MathF.Floor(value[0]);

    /// <inheritdoc/>
    public override int MaskSize => Count;

    /// <inheritdoc/>
    public override bool IsLeftSomething(ReadOnlySpan<bool> allowed) => allowed.Contains(true);

    /// <inheritdoc/>
    public override bool IsAllowed(ReadOnlySpan<bool> allowed, ReadOnlySpan<float> value) => allowed[(int)value[0]];

    /// <inheritdoc/>
    public override void Sample(Pcg64 random, Span<float> value) => value[0] = random.NextInteger(Count);

    /// <inheritdoc/>
    public override string ToString() => $"Discrete({Count})";
}

/// <summary>Several independent <see cref="Discrete"/> choices, one float each.</summary>
public sealed record MultiDiscrete(ImmutableArray<int> Counts) : Space
{
    /// <inheritdoc/>
    public override int Size => Counts.Length;

    /// <inheritdoc/>
    public override bool Contains(ReadOnlySpan<float> value)
    {
        if (value.Length != Size)
            return false;
        for (var i = 0; i < value.Length; i++)
            if (!(value[i] >= 0 && value[i] < Counts[i] && value[i] == MathF.Floor(value[i])))
                return false;
        return true;
    }

    /// <inheritdoc/>
    public override int MaskSize
    {
        get
        {
            var sum = 0;
            foreach (var count in Counts)
                sum += count;
            return sum;
        }
    }

    /// <summary>Whether a mask [M] leaves at least one value of every component.</summary>
    public override bool IsLeftSomething(ReadOnlySpan<bool> allowed)
    {
        foreach (var count in Counts)
        {
            if (!allowed[..count].Contains(true))
                return false;
            allowed = allowed[count..];
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool IsAllowed(ReadOnlySpan<bool> allowed, ReadOnlySpan<float> value)
    {
        for (var i = 0; i < Size; i++)
        {
            if (!allowed[(int)value[i]])
                return false;
            allowed = allowed[Counts[i]..];
        }
        return true;
    }

    /// <inheritdoc/>
    public override void Sample(Pcg64 random, Span<float> value)
    {
        for (var i = 0; i < Size; i++)
            value[i] = random.NextInteger(Counts[i]);
    }

    /// <summary>Equal when the counts are.</summary>
    public bool Equals(MultiDiscrete? other) => other is not null && Counts.SequenceEqual(other.Counts);

    /// <inheritdoc/>
    public override int GetHashCode() => Counts.Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"MultiDiscrete({string.Join(", ", Counts)})";
}

/// <summary>A box of real vectors, <paramref name="Low"/> to <paramref name="High"/> inclusive, component by component; bounds may be infinite.</summary>
public sealed record Box(ImmutableArray<float> Low, ImmutableArray<float> High) : Space
{
    /// <summary>The box with the same bounds in each of <paramref name="size"/> components.</summary>
    public Box(float low, float high, int size)
        : this([.. Enumerable.Repeat(low, size)], [.. Enumerable.Repeat(high, size)]) { }

    /// <summary>How the components are arranged, last index fastest: [channels, rows, columns] of an image; [<see cref="Size"/>] unless told.</summary>
    public ImmutableArray<int> Shape { get; init; } = [Low.Length];

    /// <inheritdoc/>
    public override int Size => Low.Length;

    /// <inheritdoc/>
    public override bool Contains(ReadOnlySpan<float> value)
    {
        if (value.Length != Size)
            return false;
        for (var i = 0; i < value.Length; i++)
            if (!(value[i] >= Low[i] && value[i] <= High[i]))
                return false;
        return true;
    }

    /// <inheritdoc/>
    public override void Sample(Pcg64 random, Span<float> value)
    {
        for (var i = 0; i < Size; i++)
            value[i] = float.IsFinite(Low[i]) && float.IsFinite(High[i])
                ? (float)random.NextUniform(Low[i], High[i])
                : Math.Clamp((float)random.NextNormal(), Low[i], High[i]);
    }

    /// <summary>Equal when bounds and shape are.</summary>
    public bool Equals(Box? other) => other is not null && Low.SequenceEqual(other.Low) && High.SequenceEqual(other.High) && Shape.SequenceEqual(other.Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => Low.Concat(High).Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"Box({string.Join(" x ", Shape)})";
}
