using AkkaRL.Envs;

namespace AkkaRL.Host.Tests;

/// <summary>An env whose actions DQN cannot choose.</summary>
[EnvId("Switchboard-v0", Summary = "Two switches at once")]
public sealed class SwitchboardEnv : IEnv
{
    public Space ObservationSpace { get; } = new Box(0, 1, 1);

    public Space ActionSpace { get; } = new MultiDiscrete([2, 2]);

    public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation) => default;
}

/// <summary>An env that masks what cannot be masked, so that no algorithm serves it.</summary>
[EnvId("Blindfold-v0")]
public sealed class BlindfoldEnv : IEnv
{
    public Space ObservationSpace { get; } = new Box(0, 1, 1);

    public Space ActionSpace { get; } = new Box(-1, 1, 1);

    public bool HasActionMask => true;

    public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation) => default;
}

/// <summary>An env that throws before it is there.</summary>
[EnvId("Unborn-v0")]
public sealed class UnbornEnv : IEnv
{
    public UnbornEnv() => throw new InvalidOperationException("no licence for the simulator");

    public Space ObservationSpace { get; } = new Box(0, 1, 1);

    public Space ActionSpace { get; } = new Discrete(2);

    public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation) => default;
}

/// <summary>An env that throws in every episode.</summary>
[EnvId("Fragile-v0", MaximumEpisodeSteps = 20, SolvedAt = 1000)]
public sealed class FragileEnv : IEnv
{
    private int steps;

    public Space ObservationSpace { get; } = new Box(0, 1, 1);

    public Space ActionSpace { get; } = new Discrete(2);

    public void Reset(ulong? seed, Span<float> observation) => observation[0] = steps = 0;

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        observation[0] = 0.5f;
        return ++steps < 10 ? new StepResult(1, false, false) : throw new InvalidOperationException("the simulator lost its connection");
    }
}

/// <summary>An env that every policy solves.</summary>
[EnvId("Given-v0", MaximumEpisodeSteps = 5, SolvedAt = 4)]
public sealed class GivenEnv : IEnv
{
    public Space ObservationSpace { get; } = new Box(0, 1, 1);

    public Space ActionSpace { get; } = new Discrete(2);

    public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        observation.Clear();
        return new StepResult(1, false, false);
    }
}

/// <summary>An env whose actions have no bounds, which no algorithm with a replay can serve.</summary>
[EnvId("Unbounded-v0", MaximumEpisodeSteps = 5)]
public sealed class UnboundedEnv : IEnv
{
    public Space ObservationSpace { get; } = new Box(0, 1, 1);

    public Space ActionSpace { get; } = new Box(float.NegativeInfinity, float.PositiveInfinity, 1);

    public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        observation.Clear();
        return new StepResult(-action[0] * action[0], false, false);
    }
}

/// <summary>An env that writes to the console.</summary>
[EnvId("Talkative-v0", MaximumEpisodeSteps = 5)]
public sealed class TalkativeEnv : IEnv
{
    public Space ObservationSpace { get; } = new Box(0, 1, 1);

    public Space ActionSpace { get; } = new Discrete(2);

    public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        Console.WriteLine("what a user left here to see what happens");
        observation.Clear();
        return new StepResult(1, false, false);
    }
}
