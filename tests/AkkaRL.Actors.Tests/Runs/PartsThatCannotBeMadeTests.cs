using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>A part of the learner that cannot be made ends the run, and the summary says which and why.</summary>
public class PartsThatCannotBeMadeTests
{
    private const int BatchSize = 8;

    private static readonly RunSettings Settings = TinyRun.Settings with
    {
        Algorithm = "dqn",
        TotalSteps = 1_000_000,
        DQN = new DQNSettings { BatchSize = BatchSize, LearningStarts = 40, TrainInterval = 4 },
    };

    [Fact]
    public async Task A_replay_that_cannot_be_made_ends_the_run_with_the_reason()
    {
        // Its observations alone would take 3 thousand million floats, more than an array holds.
        var settings = Settings with { DQN = Settings.DQN with { ReplayCapacity = 100_000_000 } };
        var summary = (await TinyRun.StartAsync(settings, new EnvSpec("Wide-v0", "Thirty numbers.", () => new WideEnv()))).Summary;
        Assert.Equal((StopReasons.Failed, 0), (summary.StopReason, summary.EnvironmentSteps));
        Assert.StartsWith("The replay cannot be made: OverflowException", summary.StopDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_network_that_cannot_be_made_ends_the_run_with_the_reason()
    {
        var result = await TrainingRun.StartAsync(Settings, TinyRun.CartPole, network: new NoTarget()).WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal((StopReasons.Failed, 0), (result.Summary.StopReason, result.Summary.Updates));
        Assert.StartsWith("The target-network cannot be made: NotSupportedException: there is no room", result.Summary.StopDetail, StringComparison.Ordinal);
    }

    /// <summary>Makes every network but the target's, which is the one that computes a minibatch and no more.</summary>
    private sealed class NoTarget : INetworkFactory
    {
        public ParameterLayout LayoutOf(NetworkSpec spec) => new(spec);

        public float[] InitialParameters(NetworkSpec spec, ulong seed) => new float[LayoutOf(spec).Count];

        public INetwork Make(NetworkSpec spec, int rowCapacity, string device) =>
            rowCapacity == BatchSize ? throw new NotSupportedException("there is no room") : new FusedNetwork(spec, rowCapacity);
    }

    private sealed class WideEnv : IEnv
    {
        public Space ObservationSpace { get; } = new Box(-1, 1, 30);

        public Space ActionSpace { get; } = new Discrete(2);

        public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

        public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            observation.Clear();
            return new StepResult(1, Terminated: true, Truncated: false);
        }
    }
}
