namespace AkkaRL.Envs.ClassicControl;

/// <summary>Acrobot-v1: swing a two-link pendulum's tip above a line, with torque at the middle joint only.</summary>
/// <remarks>
/// <para>Observation [6]: cosine and sine of the first angle (0 hangs down), cosine and sine of the second (relative to the first link),
/// both angular velocities (rad/s). Action: torque -1, 0 or +1 N m. Reward -1 a step, 0 for the step that reaches the line.
/// Terminates when -cos θ₁ - cos(θ₁ + θ₂) > 1.</para>
/// <para>Sources: R. S. Sutton, "Generalization in Reinforcement Learning: Successful Examples Using Sparse Coarse Coding" (1996);
/// Sutton and Barto, "Reinforcement Learning" (the book's equations); Gymnasium 0.29 <c>acrobot.py</c>, whose recorded episodes it repeats
/// bit for bit.</para>
/// </remarks>
public sealed class Acrobot : IEnv
{
    // Both links: length 1 m, mass 1 kg, centre of mass at 0.5 m, moment of inertia 1 kg m².
    private const double CenterOfMass = 0.5, Gravity = 9.8;
    private const double SecondsPerStep = 0.2;
    private const double Speed1 = 4 * Math.PI, Speed2 = 9 * Math.PI;

    private readonly SeededEpisode episode = new("Acrobot");
    private State state;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } =
        new Box([-1, -1, -1, -1, (float)-Speed1, (float)-Speed2], [1, 1, 1, 1, (float)Speed1, (float)Speed2]);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Discrete(3);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        var random = episode.Begin(seed);
        // Gymnasium keeps the state it draws in float32, and the later ones in float64.
        state = new State(
            (float)random.NextUniform(-0.1, 0.1), (float)random.NextUniform(-0.1, 0.1),
            (float)random.NextUniform(-0.1, 0.1), (float)random.NextUniform(-0.1, 0.1));
        Observe(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var next = RungeKutta(state, torque: episode.ReadIndex(action, 3) - 1);
        state = new State(
            Wrapped(next.Angle1), Wrapped(next.Angle2),
            Math.Clamp(next.Velocity1, -Speed1, Speed1), Math.Clamp(next.Velocity2, -Speed2, Speed2));
        Observe(observation);
        var terminated = -Math.Cos(state.Angle1) - Math.Cos(state.Angle2 + state.Angle1) > 1.0;
        return episode.End(terminated ? 0.0 : -1.0, terminated);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        writer.Write(state.Angle1);
        writer.Write(state.Angle2);
        writer.Write(state.Velocity1);
        writer.Write(state.Velocity2);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        state = new State(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
    }

    // One classical fourth-order step: y + h/6 (k₁ + 2 k₂ + 2 k₃ + k₄).
    private static State RungeKutta(in State y, double torque)
    {
        var k1 = Derivative(y, torque);
        var k2 = Derivative(y + SecondsPerStep / 2 * k1, torque);
        var k3 = Derivative(y + SecondsPerStep / 2 * k2, torque);
        var k4 = Derivative(y + SecondsPerStep * k3, torque);
        return y + SecondsPerStep / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
    }

    // The names d₁, d₂, φ₁, φ₂ are the book's.
    private static State Derivative(in State y, double torque)
    {
        var (sine2, cosine2) = Math.SinCos(y.Angle2);
        var d1 = CenterOfMass * CenterOfMass + (1 + CenterOfMass * CenterOfMass + 2 * CenterOfMass * cosine2) + 1 + 1;
        var d2 = CenterOfMass * CenterOfMass + CenterOfMass * cosine2 + 1;
        var phi2 = CenterOfMass * Gravity * Math.Cos(y.Angle1 + y.Angle2 - Math.PI / 2);
        var phi1 = -CenterOfMass * (y.Velocity2 * y.Velocity2) * sine2
            - 2 * CenterOfMass * y.Velocity2 * y.Velocity1 * sine2
            + (CenterOfMass + 1) * Gravity * Math.Cos(y.Angle1 - Math.PI / 2)
            + phi2;
        var acceleration2 = (torque + d2 / d1 * phi1 - CenterOfMass * (y.Velocity1 * y.Velocity1) * sine2 - phi2)
            / (CenterOfMass * CenterOfMass + 1 - d2 * d2 / d1);
        var acceleration1 = -(d2 * acceleration2 + phi1) / d1;
        return new State(y.Velocity1, y.Velocity2, acceleration1, acceleration2);
    }

    private static double Wrapped(double angle)
    {
        while (angle > Math.PI)
            angle -= 2 * Math.PI;
        while (angle < -Math.PI)
            angle += 2 * Math.PI;
        return angle;
    }

    private void Observe(Span<float> observation)
    {
        var (sine1, cosine1) = Math.SinCos(state.Angle1);
        var (sine2, cosine2) = Math.SinCos(state.Angle2);
        (observation[5], observation[4]) = ((float)state.Velocity2, (float)state.Velocity1);
        (observation[3], observation[2]) = ((float)sine2, (float)cosine2);
        (observation[1], observation[0]) = ((float)sine1, (float)cosine1);
    }

    /// <summary>Two angles (rad) and their velocities (rad/s); or their derivatives.</summary>
    private readonly record struct State(double Angle1, double Angle2, double Velocity1, double Velocity2)
    {
        public static State operator +(in State a, in State b) =>
            new(a.Angle1 + b.Angle1, a.Angle2 + b.Angle2, a.Velocity1 + b.Velocity1, a.Velocity2 + b.Velocity2);

        public static State operator *(double factor, in State a) =>
            new(factor * a.Angle1, factor * a.Angle2, factor * a.Velocity1, factor * a.Velocity2);
    }
}
