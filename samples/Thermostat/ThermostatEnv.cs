using AkkaRL.Envs;

namespace Thermostat;

/// <summary>A room loses heat to the outside; the agent switches its heater. The whole env: two spaces, a reset, a step.</summary>
[EnvId("Thermostat-v0", Summary = "Keep a room at 20 °C by switching its heater", MaximumEpisodeSteps = 100, SolvedAt = -12)]
public sealed class ThermostatEnv : IEnv
{
    private Pcg64 random = new(0);
    private float room, outside;

    public Space ObservationSpace { get; } = new Box(-10, 10, 2);

    public Space ActionSpace { get; } = new Discrete(2);

    public void Reset(ulong? seed, Span<float> observation)
    {
        if (seed is { } value)
            random = new Pcg64(value);
        room = (float)random.NextUniform(10, 30);
        outside = (float)random.NextUniform(-5, 10);
        Observe(observation);
    }

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var heat = action[0] == 1 ? 4 : 0;
        room += heat - 0.1f * (room - outside);
        Observe(observation);
        return new StepResult(-Math.Abs(room - 20) / 10, Terminated: false, Truncated: false);
    }

    private void Observe(Span<float> observation) => (observation[0], observation[1]) = ((room - 20) / 10, outside / 10);
}
