using System.Collections.Concurrent;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Synchronous;

/// <summary>Whole runs of the synchronous shape.</summary>
public sealed class SynchronousRunTests
{
    public static TheoryData<string, int> AlgorithmsAndWorkers
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var algorithm in AlgorithmCatalog.All.Where(entry => entry.Shape == "synchronous"))
                for (var workers = 1; workers <= 3; workers++)
                    data.Add(algorithm.Name, workers);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndWorkers))]
    public async Task The_same_seed_gives_the_same_parameters_whatever_the_timing(string algorithm, int workers)
    {
        var settings = Settings(algorithm) with { Workers = workers };

        var first = (await TinyRun.StartAsync(settings, TinyRun.CartPole)).Summary;
        var second = (await TinyRun.StartAsync(settings, TinyRun.CartPole)).Summary;

        Assert.Equal((1777, StopReasonCompleted), (first.EnvironmentSteps, first.StopReason));
        Assert.True(first.Updates > 0);
        Assert.Equal(first.ParametersSha256, second.ParametersSha256);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("ppo-kl")]
    [InlineData("a2c")]
    [InlineData("reinforce")]
    [InlineData("off-policy-gradient")]
    [InlineData("impala")]
    public async Task A_policy_with_a_memory_is_trained_by_every_algorithm_and_the_same_for_the_same_seed(string algorithm)
    {
        var settings = Settings(algorithm) with { TotalSteps = 777, Network = new NetworkSettings { Hidden = [4], Recurrent = RecurrentKind.LSTM, RecurrentUnits = 4 } };

        var first = (await TinyRun.StartAsync(settings, TinyRun.CartPole)).Summary;
        var second = (await TinyRun.StartAsync(settings, TinyRun.CartPole)).Summary;

        Assert.Equal((777, 0, StopReasonCompleted), (first.EnvironmentSteps, first.Faults.Total, first.StopReason));
        Assert.True(first.Updates > 0);
        Assert.Equal(first.ParametersSha256, second.ParametersSha256);
    }

    [Theory]
    [InlineData("a3c")]
    [InlineData("ppo")]
    [InlineData("dqn")]
    public async Task A_policy_that_reads_images_is_trained(string algorithm)
    {
        var settings = Settings(algorithm) with
        {
            TotalSteps = 500,
            Network = new NetworkSettings { Hidden = [8], Convolution = ConvolutionKind.Small },
            DQN = new DQNSettings { LearningStarts = 100, BatchSize = 8, ReplayCapacity = 500, TrainInterval = 50 },
        };

        var summary = (await TinyRun.StartAsync(settings, AkkaRL.Envs.EnvCatalog.BuiltIn.Find("Catch-v0"))).Summary;

        Assert.Equal((500, 0, StopReasonCompleted), (summary.EnvironmentSteps, summary.Faults.Total, summary.StopReason));
        Assert.True(summary.Updates > 0);
    }

    [Fact]
    public async Task Another_seed_gives_other_parameters()
    {
        var first = (await TinyRun.StartAsync(Settings("ppo"), TinyRun.CartPole)).Summary;
        var second = (await TinyRun.StartAsync(Settings("ppo") with { Seed = 2 }, TinyRun.CartPole)).Summary;

        Assert.NotEqual(first.ParametersSha256, second.ParametersSha256);
    }

    [Theory]
    [InlineData(EngineKind.Fused)]
    [InlineData(EngineKind.Torch)]
    public async Task Continuous_actions_normalised_are_trained_with_either_engine(EngineKind engine)
    {
        var settings = Settings("ppo") with { Engine = engine, PPO = new PPOSettings { NormalizeObservations = true, NormalizeRewards = true } };

        var summary = (await TinyRun.StartAsync(settings, AkkaRL.Envs.EnvCatalog.BuiltIn.Find("Pendulum-v1"))).Summary;

        Assert.Equal((1777, 0, StopReasonCompleted), (summary.EnvironmentSteps, summary.Faults.Total, summary.StopReason));
    }

    [Fact]
    public async Task IMPALA_is_one_update_behind_by_construction_and_the_others_never()
    {
        var rows = new ConcurrentQueue<RunEvent>();
        var settings = Settings("impala") with { Metrics = new MetricsSettings { IntervalSteps = 500 } };
        var (impala, ppo) = ((await TinyRun.StartAsync(settings, TinyRun.CartPole, rows.Enqueue)).Summary, (await TinyRun.StartAsync(Settings("ppo"), TinyRun.CartPole)).Summary);
        Assert.Equal((0, 1), (impala.PolicyLag.Minimum, impala.PolicyLag.Maximum)); // 0 of the first batch
        Assert.Equal(impala.PolicyLag, rows.OfType<ProgressReported>().Last().PolicyLag);
        Assert.Equal((0, 0), (ppo.PolicyLag.Minimum, ppo.PolicyLag.Maximum));
    }

    [Fact]
    public async Task IMPALA_survives_envs_that_throw_and_makes_every_step()
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total is 100 or 900 ? Fault.Throw : Fault.None };
        var summary = (await TinyRun.StartAsync(Settings("impala"), envs.Spec)).Summary;
        Assert.Equal((StopReasonCompleted, 1777, 2), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.EnvironmentFaults));
    }

    [Fact]
    public async Task The_effective_sample_size_is_reported()
    {
        var events = new ConcurrentQueue<RunEvent>();

        await TinyRun.StartAsync(Settings("off-policy-gradient"), TinyRun.CartPole, events.Enqueue);

        Assert.All(events.OfType<ProgressReported>(), row => Assert.InRange(row.EffectiveSampleFraction!.Value, 0.0001, 1));
    }

    private const string StopReasonCompleted = "completed";

    private static RunSettings Settings(string algorithm) => TinyRun.Settings with { Algorithm = algorithm, TotalSteps = 1777, Workers = 2 };
}
