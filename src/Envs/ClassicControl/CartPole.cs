namespace AkkaRL.Envs.ClassicControl;

/// <summary>CartPole-v1: keep a pole upright on a cart by pushing the cart left or right.</summary>
/// <remarks>
/// <para>Observation [4]: cart position (m), cart velocity (m/s), pole angle (rad), pole angular velocity (rad/s).
/// Action: 0 pushes left, 1 right, with 10 N. Reward 1 a step. Terminates past ±2.4 m or ±12°.</para>
/// <para>Sources: A. G. Barto, R. S. Sutton, C. W. Anderson, "Neuronlike Adaptive Elements That Can Solve Difficult Learning Control
/// Problems" (1983);
/// Gymnasium 0.29 <c>cartpole.py</c>, whose recorded episodes it repeats bit for bit.</para>
/// </remarks>
public sealed class CartPole : IEnv
{
    private const double Gravity = 9.8;
    private const double PoleMass = 0.1, TotalMass = PoleMass + 1.0;
    private const double HalfLength = 0.5, PoleMassLength = PoleMass * HalfLength;
    private const double Force = 10.0;
    private const double SecondsPerStep = 0.02;
    private const double PositionLimit = 2.4, AngleLimit = 12 * 2 * Math.PI / 360;

    private readonly SeededEpisode episode = new("CartPole");
    private double position, velocity, angle, angularVelocity;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Box(
        [(float)(-2 * PositionLimit), -float.MaxValue, (float)(-2 * AngleLimit), -float.MaxValue],
        [(float)(2 * PositionLimit), float.MaxValue, (float)(2 * AngleLimit), float.MaxValue]);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Discrete(2);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        var random = episode.Begin(seed);
        position = random.NextUniform(-0.05, 0.05);
        velocity = random.NextUniform(-0.05, 0.05);
        angle = random.NextUniform(-0.05, 0.05);
        angularVelocity = random.NextUniform(-0.05, 0.05);
        Observe(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var force = episode.ReadIndex(action, 2) == 1 ? Force : -Force;
        var (sine, cosine) = Math.SinCos(angle);
        var push = (force + PoleMassLength * (angularVelocity * angularVelocity) * sine) / TotalMass;
        var angularAcceleration = (Gravity * sine - cosine * push)
            / (HalfLength * (4.0 / 3.0 - PoleMass * (cosine * cosine) / TotalMass));
        var acceleration = push - PoleMassLength * angularAcceleration * cosine / TotalMass;

        position += SecondsPerStep * velocity;
        velocity += SecondsPerStep * acceleration;
        angle += SecondsPerStep * angularVelocity;
        angularVelocity += SecondsPerStep * angularAcceleration;
        Observe(observation);
        return episode.End(reward: 1.0, terminated: Math.Abs(position) > PositionLimit || Math.Abs(angle) > AngleLimit);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        writer.Write(position);
        writer.Write(velocity);
        writer.Write(angle);
        writer.Write(angularVelocity);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        position = reader.ReadDouble();
        velocity = reader.ReadDouble();
        angle = reader.ReadDouble();
        angularVelocity = reader.ReadDouble();
    }

    private void Observe(Span<float> observation)
    {
        observation[3] = (float)angularVelocity;
        observation[2] = (float)angle;
        observation[1] = (float)velocity;
        observation[0] = (float)position;
    }
}
