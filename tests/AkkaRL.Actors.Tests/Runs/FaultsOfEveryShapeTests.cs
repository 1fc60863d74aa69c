using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>Envs that fail under the shapes whose workers take turns; A3C's are in <see cref="EnvFaultTests"/> and <see cref="HangTests"/>.</summary>
public class FaultsOfEveryShapeTests
{
    private const int Steps = 300;

    [Theory]
    [InlineData("ppo")]
    [InlineData("reinforce")]
    [InlineData("dqn")]
    public async Task An_env_that_throws_now_and_then_costs_only_what_was_open(string algorithm)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total is 23 or 90 or 170 ? Fault.Throw : Fault.None };
        var summary = await RunAsync(envs, Settings(algorithm));
        Assert.Equal((StopReasons.Completed, Steps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.Equal(new FaultCounts(EnvironmentFaults: 3), summary.Faults);
    }

    [Theory]
    [InlineData("ppo", Fault.WriteNaN, "observation[0] was not written or is NaN")]
    [InlineData("dqn", Fault.WriteNaN, "observation[0] was not written or is NaN")]
    [InlineData("ppo", Fault.RewardNaN, "the reward is NaN")]
    [InlineData("dqn", Fault.RewardNaN, "the reward is NaN")]
    [InlineData("ppo", Fault.WriteTooMuch, "the observation takes 2 floats")]
    [InlineData("dqn", Fault.WriteTooMuch, "the observation takes 2 floats")]
    public async Task What_an_env_may_not_return_is_a_fault_that_says_what_it_was(string algorithm, Fault fault, string message)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total == 42 ? fault : Fault.None };
        var faults = new List<FaultReported>();
        var summary = await RunAsync(envs, Settings(algorithm), faults);
        Assert.Equal((Steps, new FaultCounts(EnvironmentFaults: 1)), (summary.EnvironmentSteps, summary.Faults));
        Assert.Contains(message, Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("dqn")]
    public async Task An_env_whose_reset_after_an_episode_throws_is_replaced(string algorithm)
    {
        using var envs = new FaultyEnvs { OnReset = call => call.Number == 3 ? Fault.Throw : Fault.None };
        var summary = await RunAsync(envs, Settings(algorithm));
        Assert.Equal((StopReasons.Completed, Steps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.True(summary.Faults.EnvironmentFaults > 0);
    }

    [Theory]
    [InlineData("a3c")]
    [InlineData("ppo")]
    [InlineData("dqn")]
    public async Task A_worker_whose_first_reset_or_env_fails_leaves_no_env_open(string algorithm)
    {
        using var envs = new FaultyEnvs
        {
            OnMake = call => call.Env == 3 ? Fault.Throw : Fault.None,
            OnReset = call => call.Total is 2 or 3 ? Fault.Throw : Fault.None,
        };
        var summary = await RunAsync(envs, Settings(algorithm));
        Assert.Equal((StopReasons.Completed, 3), (summary.StopReason, summary.Faults.EnvironmentFaults));
        Assert.Equal(envs.Made - 1, envs.Disposed); // the one whose constructor threw never was
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("dqn")]
    public async Task An_env_that_fails_in_every_reset_ends_the_run_by_the_fault_budget(string algorithm)
    {
        using var envs = new FaultyEnvs { OnReset = _ => Fault.Throw };
        var settings = Settings(algorithm);
        var summary = await RunAsync(envs, settings with { Faults = settings.Faults with { Budget = 10 } });
        Assert.Equal((StopReasons.Failed, 0), (summary.StopReason, summary.EnvironmentSteps));
        Assert.Contains("failed in Reset: the simulator broke", summary.StopDetail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("dqn")]
    public async Task A_worker_whose_env_hangs_is_replaced(string algorithm)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total == 42 ? Fault.Hang : Fault.None };
        var settings = Settings(algorithm);
        // Time is real here, so a busy machine may see more stalls than there were: they are counted from below.
        var summary = await RunAsync(envs, settings with { Faults = settings.Faults with { StallTimeout = TimeSpan.FromMilliseconds(200), Budget = 1000 } });
        Assert.Equal((StopReasons.Completed, Steps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.True(summary.Faults.Stalls >= 1);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("sac")]
    public async Task Learning_that_keeps_blowing_up_is_rolled_back_and_then_given_up(string algorithm)
    {
        using var envs = new FaultyEnvs { OnStep = _ => Fault.RewardHuge, ActionSpace = algorithm == "sac" ? new Box(-1, 1, 1) : new Discrete(2) };
        var settings = Settings(algorithm);
        var summary = await RunAsync(envs, settings with { TotalSteps = 1_000_000, Faults = settings.Faults with { Budget = 1_000_000 } });
        Assert.Equal((StopReasons.Failed, 4, 0), (summary.StopReason, summary.Faults.Divergences, summary.Updates));
        Assert.StartsWith("Learning diverged 4 times, more often than akkarl.divergence.maximum-rollbacks (3) allows.", summary.StopDetail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("target-network")]
    public async Task A_part_of_the_learner_that_throws_is_named_and_costs_nothing_but_time(string part)
    {
        var settings = Settings("dqn") with { TotalSteps = 1_000 };
        using var whole = new KeptRun();
        var (expected, _) = await whole.WithoutSnapshotsAsync(settings);
        var at = whole.Steps / 2;
        using var run = new KeptRun { OnStep = step => { if (step == at) KeptRun.Tell(part, part == "replay" ? new Experience.StoreTransitions(null!) : new Experience.EvaluateTargets(null!)); } };

        var summary = await run.StartAsync(settings);

        Assert.Equal((expected.ParametersSha256, 1), (summary.ParametersSha256, summary.Faults.LearnerFaults));
        Assert.Contains(run.Events.OfType<FaultReported>(), fault => fault.Message.StartsWith($"The {part} threw NullReferenceException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_part_of_the_learner_that_keeps_throwing_ends_the_run_and_the_summary_says_why()
    {
        using var run = new KeptRun { OnStep = _ => KeptRun.Tell("replay", new Experience.StoreTransitions(null!)) };
        var settings = Settings("dqn");
        var summary = await run.StartAsync(settings with { Faults = settings.Faults with { Budget = 3 }, TotalSteps = long.MaxValue });
        Assert.Equal(StopReasons.Failed, summary.StopReason);
        Assert.Contains("of the learner: The replay threw NullReferenceException", summary.StopDetail, StringComparison.Ordinal);
    }

    private static RunSettings Settings(string algorithm) => TinyRun.Settings with
    {
        Algorithm = algorithm,
        Workers = 2,
        TotalSteps = Steps,
        PPO = new PPOSettings { EnvsPerWorker = 2, RolloutSteps = 8, MinibatchSize = 16 },
        Reinforce = new ReinforceSettings { EnvsPerWorker = 2 },
        SAC = new SACSettings { BatchSize = 8, LearningStarts = 40, TrainInterval = 4, ReplayCapacity = 1_000 },
        DQN = new DQNSettings { BatchSize = 8, LearningStarts = 40, TrainInterval = 4, ReplayCapacity = 1_000 },
        Snapshots = new SnapshotSettings { IntervalSteps = 200, IntervalTime = TimeSpan.FromHours(1) },
    };

    private static async Task<RunSummary> RunAsync(FaultyEnvs envs, RunSettings settings, List<FaultReported>? faults = null) =>
        (await TinyRun.StartAsync(settings, envs.Spec, happened =>
        {
            if (happened is FaultReported fault)
                faults?.Add(fault);
        })).Summary;
}
