namespace AkkaRL.Envs.ClassicControl;

/// <summary>MountainCarContinuous-v0: the mountain car with a throttle; energy costs, the goal pays 100.</summary>
/// <remarks>
/// <para>Observation [2]: position, velocity. Action [1]: throttle; the force is clipped to [-1, 1] but, as in Gymnasium, the unclipped
/// throttle is paid for. Reward -0.1 throttle² a step, and 100 at the goal. Terminates at position 0.45.</para>
/// <para>Sources: A. W. Moore, "Efficient Memory-based Learning for Robot Control" (1990);
/// Gymnasium 0.29 <c>continuous_mountain_car.py</c>, whose recorded episodes it repeats bit for bit. Gymnasium computes a step in
/// float64 and keeps the state in float32, but for the state a reset draws, which stays in float64 for one step.</para>
/// </remarks>
public sealed class MountainCarContinuous : IEnv
{
    private const double PositionMinimum = -1.2, PositionMaximum = 0.6, Goal = 0.45;
    private const double Speed = 0.07;
    private const double Power = 0.0015, Gravity = 0.0025;

    private readonly SeededEpisode episode = new("MountainCarContinuous");
    private double position, velocity;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Box([(float)PositionMinimum, (float)-Speed], [(float)PositionMaximum, (float)Speed]);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Box(-1, 1, 1);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        position = episode.Begin(seed).NextUniform(-0.6, -0.4);
        velocity = 0;
        Observe(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        double throttle = episode.ReadNumber(action);
        velocity += Math.Clamp(throttle, -1, 1) * Power - Gravity * Math.Cos(3 * position);
        velocity = Math.Clamp(velocity, -Speed, Speed);
        position = Math.Clamp(position + velocity, PositionMinimum, PositionMaximum);
        if (position == PositionMinimum && velocity < 0)
            velocity = 0;
        var terminated = position >= Goal && velocity >= 0;
        (position, velocity) = ((float)position, (float)velocity);
        Observe(observation);
        return episode.End((terminated ? 100.0 : 0.0) - throttle * throttle * 0.1, terminated);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        writer.Write(position);
        writer.Write(velocity);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        position = reader.ReadDouble();
        velocity = reader.ReadDouble();
    }

    private void Observe(Span<float> observation)
    {
        observation[1] = (float)velocity;
        observation[0] = (float)position;
    }
}
