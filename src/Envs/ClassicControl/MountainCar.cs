namespace AkkaRL.Envs.ClassicControl;

/// <summary>MountainCar-v0: an engine too weak for the hill must first swing up the other side.</summary>
/// <remarks>
/// <para>Observation [2]: position, velocity. Action: 0 accelerates left, 1 not at all, 2 right. Reward -1 a step.
/// Terminates at position 0.5.</para>
/// <para>Sources: A. W. Moore, "Efficient Memory-based Learning for Robot Control" (1990);
/// Gymnasium 0.29 <c>mountain_car.py</c>, whose recorded episodes it repeats bit for bit.</para>
/// </remarks>
public sealed class MountainCar : IEnv
{
    private const double PositionMinimum = -1.2, PositionMaximum = 0.6, Goal = 0.5;
    private const double Speed = 0.07;
    private const double Force = 0.001, Gravity = 0.0025;

    private readonly SeededEpisode episode = new("MountainCar");
    private double position, velocity;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Box([(float)PositionMinimum, (float)-Speed], [(float)PositionMaximum, (float)Speed]);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Discrete(3);

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
        velocity += (episode.ReadIndex(action, 3) - 1) * Force + Math.Cos(3 * position) * -Gravity;
        velocity = Math.Clamp(velocity, -Speed, Speed);
        position = Math.Clamp(position + velocity, PositionMinimum, PositionMaximum);
        if (position == PositionMinimum && velocity < 0)
            velocity = 0;
        Observe(observation);
        return episode.End(reward: -1.0, terminated: position >= Goal && velocity >= 0);
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
