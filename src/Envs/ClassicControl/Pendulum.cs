namespace AkkaRL.Envs.ClassicControl;

/// <summary>Pendulum-v1: swing a pendulum up and hold it there with a bounded torque.</summary>
/// <remarks>
/// <para>Observation [3]: cosine and sine of the angle from upright, angular velocity (rad/s). Action [1]: torque, clipped to ±2 N m.
/// Reward -(angle² + 0.1 velocity² + 0.001 torque²) a step, with the angle in [-π, π). Never terminates.</para>
/// <para>Source: Gymnasium 0.29 <c>pendulum.py</c>. Observations repeat its recorded episodes bit for bit, rewards to 6e-13: NumPy's sine
/// differs from the C library's in the last bit now and then, and an unstable pendulum makes more of it.</para>
/// </remarks>
public sealed class Pendulum : IEnv
{
    private const double Gravity = 10.0, Mass = 1.0, Length = 1.0;
    private const double Speed = 8.0, Torque = 2.0;
    private const double SecondsPerStep = 0.05;

    private readonly SeededEpisode episode = new("Pendulum");
    private double angle, angularVelocity;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Box([-1, -1, (float)-Speed], [1, 1, (float)Speed]);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Box((float)-Torque, (float)Torque, 1);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        var random = episode.Begin(seed);
        angle = random.NextUniform(-Math.PI, Math.PI);
        angularVelocity = random.NextUniform(-1.0, 1.0);
        Observe(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var torque = Math.Clamp((double)episode.ReadNumber(action), -Torque, Torque);
        var fromUpright = Normalized(angle);
        var cost = fromUpright * fromUpright + 0.1 * (angularVelocity * angularVelocity) + 0.001 * (torque * torque);

        angularVelocity += (3 * Gravity / (2 * Length) * Math.Sin(angle) + 3.0 / (Mass * Length * Length) * torque) * SecondsPerStep;
        angularVelocity = Math.Clamp(angularVelocity, -Speed, Speed);
        angle += angularVelocity * SecondsPerStep;
        Observe(observation);
        return episode.End(-cost, terminated: false);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        writer.Write(angle);
        writer.Write(angularVelocity);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        angle = reader.ReadDouble();
        angularVelocity = reader.ReadDouble();
    }

    // ((angle + π) mod 2π) - π with Python's modulo, whose result is never negative.
    private static double Normalized(double angle)
    {
        var remainder = (angle + Math.PI) % (2 * Math.PI);
        return (remainder < 0 ? remainder + 2 * Math.PI : remainder) - Math.PI;
    }

    private void Observe(Span<float> observation)
    {
        var (sine, cosine) = Math.SinCos(angle);
        (observation[2], observation[1], observation[0]) = ((float)angularVelocity, (float)sine, (float)cosine);
    }
}
