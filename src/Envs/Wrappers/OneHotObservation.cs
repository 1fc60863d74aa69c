using System.Collections.Immutable;

namespace AkkaRL.Envs.Wrappers;

/// <summary>Turns a <see cref="Discrete"/> observation into a vector of zeros with a one at its index, as networks want it; the components of a
/// <see cref="MultiDiscrete"/> one each into such vectors, side by side.</summary>
public sealed class OneHotObservation : EnvWrapper
{
    private readonly ImmutableArray<int> counts;
    private readonly float[] indices;

    /// <summary>Encodes <paramref name="inner"/>'s observations.</summary>
    /// <exception cref="ArgumentException">They are neither <see cref="Discrete"/> nor <see cref="MultiDiscrete"/>.</exception>
    public OneHotObservation(IEnv inner) : base(inner)
    {
        counts = inner.ObservationSpace switch
        {
            Discrete discrete => [discrete.Count],
            MultiDiscrete several => several.Counts,
            _ => throw new ArgumentException($"Only Discrete and MultiDiscrete observations can be made one-hot, not {inner.ObservationSpace}.", nameof(inner)),
        };
        indices = new float[counts.Length];
        ObservationSpace = new Box(0, 1, counts.Sum());
    }

    /// <inheritdoc/>
    public override Space ObservationSpace { get; }

    /// <inheritdoc/>
    public override void Reset(ulong? seed, Span<float> observation)
    {
        Inner.Reset(seed, indices);
        Encode(observation);
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var result = Inner.Step(action, indices);
        Encode(observation);
        return result;
    }

    private void Encode(Span<float> observation)
    {
        observation.Clear();
        var first = 0;
        for (var i = 0; i < indices.Length; i++)
        {
            observation[first + (int)indices[i]] = 1;
            first += counts[i];
        }
    }
}
