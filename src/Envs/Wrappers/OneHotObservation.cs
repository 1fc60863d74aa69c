namespace AkkaRL.Envs.Wrappers;

/// <summary>Turns a <see cref="Discrete"/> observation into a vector of zeros with a one at its index, as networks want it.</summary>
public sealed class OneHotObservation : EnvWrapper
{
    /// <summary>Encodes <paramref name="inner"/>'s observations.</summary>
    /// <exception cref="ArgumentException">They are not <see cref="Discrete"/>.</exception>
    public OneHotObservation(IEnv inner) : base(inner) =>
        ObservationSpace = inner.ObservationSpace is Discrete discrete
            ? new Box(0, 1, discrete.Count)
            : throw new ArgumentException($"Only Discrete observations can be made one-hot, not {inner.ObservationSpace}.", nameof(inner));

    /// <inheritdoc/>
    public override Space ObservationSpace { get; }

    /// <inheritdoc/>
    public override void Reset(ulong? seed, Span<float> observation)
    {
        var index = 0f;
        Inner.Reset(seed, new Span<float>(ref index));
        Encode(index, observation);
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var index = 0f;
        var result = Inner.Step(action, new Span<float>(ref index));
        Encode(index, observation);
        return result;
    }

    private static void Encode(float index, Span<float> observation)
    {
        observation.Clear();
        observation[(int)index] = 1;
    }
}
