namespace AkkaRL.Envs.Wrappers;

/// <summary>Observes the last few observations at once, oldest first; after a reset they are all the first one.</summary>
/// <remarks>Source: Gymnasium 0.29 <c>FrameStack</c>, flattened: [frames × O]; frames of an image become more channels of it.</remarks>
public sealed class FrameStack : EnvWrapper
{
    private readonly float[] frames; // [frames × O]
    private readonly int size;

    /// <summary>Stacks <paramref name="count"/> observations of <paramref name="inner"/>, which must be a <see cref="Box"/>.</summary>
    public FrameStack(IEnv inner, int count) : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (inner.ObservationSpace is not Box box)
            throw new ArgumentException(
                $"Only Box observations can be stacked, not {inner.ObservationSpace}; see {nameof(OneHotObservation)}.", nameof(inner));
        size = box.Size;
        frames = new float[count * size];
        ObservationSpace = new Box(
            [.. Enumerable.Repeat(box.Low, count).SelectMany(low => low)],
            [.. Enumerable.Repeat(box.High, count).SelectMany(high => high)])
        { Shape = [count * box.Shape[0], .. box.Shape[1..]] };
    }

    /// <inheritdoc/>
    public override Space ObservationSpace { get; }

    /// <inheritdoc/>
    public override void Reset(ulong? seed, Span<float> observation)
    {
        Inner.Reset(seed, frames.AsSpan(0, size));
        for (var start = size; start < frames.Length; start += size)
            frames.AsSpan(0, size).CopyTo(frames.AsSpan(start));
        frames.CopyTo(observation);
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        frames.AsSpan(size).CopyTo(frames);
        var result = Inner.Step(action, frames.AsSpan(frames.Length - size));
        frames.CopyTo(observation);
        return result;
    }

    /// <inheritdoc/>
    public override void CaptureState(BinaryWriter writer)
    {
        base.CaptureState(writer);
        foreach (var value in frames)
            writer.Write(value);
    }

    /// <inheritdoc/>
    public override void RestoreState(BinaryReader reader)
    {
        base.RestoreState(reader);
        for (var i = 0; i < frames.Length; i++)
            frames[i] = reader.ReadSingle();
    }
}
