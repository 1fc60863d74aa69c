using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>Whole runs on envs that mask actions or take several at once.</summary>
public class MaskedRunTests
{
    public static TheoryData<string> OfDiscrete => [.. Serving(nameof(Discrete))];

    public static TheoryData<string> OfMultiDiscrete => [.. Serving(nameof(MultiDiscrete))];

    [Theory]
    [MemberData(nameof(OfDiscrete))]
    public async Task No_action_is_ever_taken_that_the_mask_does_not_allow(string algorithm)
    {
        var (steps, against) = (0, 0);
        var env = new EnvSpec("Watched-v0", "", () => new Watched(new Envs.Probes.KnightsTour(), isAllowed =>
        {
            Interlocked.Increment(ref steps);
            Interlocked.Add(ref against, isAllowed ? 0 : 1);
        }), 40);
        var summary = (await TinyRun.StartAsync(Settings(algorithm), env)).Summary;
        Assert.Equal((StopReasons.Completed, 0, 0), (summary.StopReason, summary.Faults.Total, Volatile.Read(ref against)));
        Assert.True(summary.Updates > 0);
        Assert.True(Volatile.Read(ref steps) > 600); // the evaluations', too
        Assert.InRange(summary.Evaluation!.Minimum, 2.5 / 24, 1); // a knight has three moves at the least: from a corner two, and on
    }

    [Theory]
    [MemberData(nameof(OfMultiDiscrete))]
    public async Task Several_actions_at_once_are_within_their_space(string algorithm)
    {
        var summary = (await TinyRun.StartAsync(Settings(algorithm), EnvCatalog.BuiltIn.Find("Crane-v0"))).Summary;
        Assert.Equal((StopReasons.Completed, 0), (summary.StopReason, summary.Faults.Total));
        Assert.True(summary.Updates > 0);
        Assert.InRange(summary.Evaluation!.Mean, -3, 0.95);
    }

    [Fact]
    public async Task An_env_whose_mask_allows_nothing_is_replaced_and_the_fault_says_why()
    {
        var faults = new List<FaultReported>();
        var shown = 0;
        var env = new EnvSpec("Closed-v0", "", () => new Closed(() => Interlocked.Increment(ref shown) == 30), 40);
        var settings = Settings("ppo") with { Evaluation = new() { IntervalSteps = 0, Episodes = 1, FinalEpisodes = 0 } };
        var summary = (await TinyRun.StartAsync(settings, env, happened =>
        {
            if (happened is FaultReported fault)
                faults.Add(fault);
        })).Summary;
        Assert.Equal((StopReasons.Completed, 1), (summary.StopReason, summary.Faults.EnvironmentFaults));
        Assert.Contains("The env Closed-v0 failed in WriteActionMask: no action is allowed; allow one, or let the step before terminate the episode.", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trained_policy_acts_by_the_mask_that_it_is_given_and_wants_one()
    {
        var result = await TinyRun.StartAsync(Settings("a2c"), EnvCatalog.BuiltIn.Find("KnightsTour-v0"));
        using var policy = result.Last;
        var (observation, action, mask) = (new float[50], new float[1], new bool[25]);
        for (var only = 0; only < 25; only++)
        {
            Array.Clear(mask);
            mask[only] = true;
            policy.Act(observation, action, mask);
            Assert.Equal(only, action[0]);
        }
        Assert.Contains("has an action mask of 25 flags, not 0", Assert.Throws<ArgumentException>(() => policy.Act(observation, action)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Serving(string space) => AlgorithmCatalog.All.Where(entry => entry.ActionSpaces.Contains(space)).Select(entry => entry.Name);

    private static RunSettings Settings(string algorithm) => TinyRun.Settings with
    {
        Algorithm = algorithm,
        TotalSteps = 600,
        Workers = 2,
        Evaluation = new EvaluationSettings { IntervalSteps = 300, Episodes = 3, FinalEpisodes = 5 },
        PPO = new PPOSettings { EnvsPerWorker = 2, RolloutSteps = 32, MinibatchSize = 32 },
        PPOKl = new PPOKlSettings { EnvsPerWorker = 2, RolloutSteps = 32, MinibatchSize = 32 },
        DQN = new DQNSettings { BatchSize = 8, LearningStarts = 100, TrainInterval = 4, NStep = 3 },
    };

    /// <summary>Tells of each action whether the present state allows it.</summary>
    private sealed class Watched(IEnv inner, Action<bool> told) : EnvWrapper(inner)
    {
        private readonly bool[] mask = new bool[inner.ActionSpace.MaskSize];

        public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            Inner.WriteActionMask(mask);
            told(ActionSpace.IsAllowed(mask, action));
            return base.Step(action, observation);
        }
    }

    /// <summary>An env that allows everything, but for once nothing.</summary>
    private sealed class Closed(Func<bool> isClosed) : IEnv
    {
        public Space ObservationSpace { get; } = new Box(0, 1, 1);

        public Space ActionSpace { get; } = new Discrete(2);

        public bool HasActionMask => true;

        public void WriteActionMask(Span<bool> allowed) => allowed.Fill(!isClosed());

        public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

        public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            observation.Clear();
            return default;
        }
    }
}
