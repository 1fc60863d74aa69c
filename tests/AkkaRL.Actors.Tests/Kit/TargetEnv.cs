using AkkaRL.Envs;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>
/// An env that records what is done to it. It observes random numbers of the episode's seed, rewards their tenths and
/// the action, both whole numbers, and ends after 1 to 9 steps, by the seed: the episodes of one evaluation end at different times.
/// </summary>
internal sealed class TargetEnv(List<ulong?> seeds, List<(float Observation, float Action)> steps, Space? actions = null) : IEnv
{
    private Pcg64 random = new(0);
    private float observed;
    private int left;

    public Space ObservationSpace { get; } = new Box(-1, 1, 1);

    public Space ActionSpace { get; } = actions ?? new Discrete(3);

    public static EnvSpec Spec(List<ulong?> seeds, List<(float Observation, float Action)> steps, Space? actions = null) =>
        new("Target-v0", "Records what is done to it.", () => new TargetEnv(seeds, steps, actions));

    public void Reset(ulong? seed, Span<float> observation)
    {
        seeds.Add(seed);
        random = new Pcg64(seed ?? 0);
        left = 1 + random.NextInteger(9);
        Observe(observation);
    }

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        steps.Add((observed, action[0]));
        var reward = Math.Floor(observed * 10) + action[0];
        Observe(observation);
        return new StepResult(reward, Terminated: --left == 0, Truncated: false);
    }

    private void Observe(Span<float> observation) => observation[0] = observed = (float)random.NextUniform(-1, 1);
}
