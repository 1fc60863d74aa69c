namespace AkkaRL.Envs.Wrappers;

/// <summary>Truncates an episode after a number of env steps. An episode that terminates on that very step is both, as in
/// Gymnasium.</summary>
/// <remarks>Source: Gymnasium 0.29 <c>wrappers/time_limit.py</c>.</remarks>
public sealed class TimeLimit : EnvWrapper
{
    private readonly int maximum;
    private int steps;

    /// <summary>Limits <paramref name="inner"/>'s episodes to <paramref name="maximumEpisodeSteps"/> env steps, at least one.</summary>
    public TimeLimit(IEnv inner, int maximumEpisodeSteps) : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumEpisodeSteps, 1);
        maximum = maximumEpisodeSteps;
    }

    /// <inheritdoc/>
    public override void Reset(ulong? seed, Span<float> observation)
    {
        Inner.Reset(seed, observation);
        steps = 0;
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        if (steps >= maximum)
            throw new InvalidOperationException($"The episode has been truncated after {maximum} steps: call Reset before the next Step.");
        var result = Inner.Step(action, observation);
        return ++steps >= maximum ? result with { Truncated = true } : result;
    }

    /// <inheritdoc/>
    public override void CaptureState(BinaryWriter writer)
    {
        base.CaptureState(writer);
        writer.Write(steps);
    }

    /// <inheritdoc/>
    public override void RestoreState(BinaryReader reader)
    {
        base.RestoreState(reader);
        steps = reader.ReadInt32();
    }
}
