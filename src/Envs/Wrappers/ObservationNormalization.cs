namespace AkkaRL.Envs.Wrappers;

/// <summary>Scales observations to mean 0 and variance 1 by the statistics of those seen so far, and clips them.</summary>
/// <remarks>Sources: Gymnasium 0.29 <c>NormalizeObservation</c>; the clipping is stable-baselines3's <c>VecNormalize</c>.</remarks>
public sealed class ObservationNormalization : EnvWrapper
{
    private readonly float clip;

    /// <summary>Normalises <paramref name="inner"/>'s observations.</summary>
    /// <param name="inner">An env whose observations are a <see cref="Box"/>.</param>
    /// <param name="moments">The statistics, to share them; null for new ones.</param>
    /// <param name="clip">The largest magnitude of a normalised component; infinity for no clipping.</param>
    /// <exception cref="ArgumentException">The observations are not a box, or the moments have another size.</exception>
    public ObservationNormalization(IEnv inner, RunningMoments? moments = null, float clip = 10) : base(inner)
    {
        if (inner.ObservationSpace is not Box box)
            throw new ArgumentException(
                $"Only Box observations can be normalised, not {inner.ObservationSpace}; see {nameof(OneHotObservation)}.", nameof(inner));
        this.clip = clip;
        Moments = moments ?? new RunningMoments(box.Size);
        if (Moments.Size != box.Size)
            throw new ArgumentException($"The moments have {Moments.Size} components, the observations {box.Size}.", nameof(moments));
        ObservationSpace = new Box(-clip, clip, box.Size) { Shape = box.Shape };
    }

    /// <summary>The statistics.</summary>
    public RunningMoments Moments { get; }

    /// <summary>Whether observations are counted into the statistics; false for evaluation.</summary>
    public bool Updates { get; set; } = true;

    /// <inheritdoc/>
    public override Space ObservationSpace { get; }

    /// <inheritdoc/>
    public override void Reset(ulong? seed, Span<float> observation)
    {
        Inner.Reset(seed, observation);
        Normalize(observation);
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var result = Inner.Step(action, observation);
        Normalize(observation);
        return result;
    }

    /// <inheritdoc/>
    public override void CaptureState(BinaryWriter writer)
    {
        base.CaptureState(writer);
        Moments.Capture(writer);
    }

    /// <inheritdoc/>
    public override void RestoreState(BinaryReader reader)
    {
        base.RestoreState(reader);
        Moments.Restore(reader);
    }

    private void Normalize(Span<float> observation)
    {
        if (Updates)
            Moments.Update(observation);
        for (var i = 0; i < observation.Length; i++)
            observation[i] = Math.Clamp((float)Moments.Standardize(i, observation[i]), -clip, clip);
    }
}
