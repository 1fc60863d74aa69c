using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>Every algorithm of the catalog, and every switch that adds something to remember, goes on bit for bit from where it was.</summary>
public class EveryAlgorithmTests
{
    private static readonly Dictionary<string, RunSettings> Variants = new()
    {
        ["ppo, normalised"] = Settings("ppo") with { PPO = new PPOSettings { NormalizeObservations = true, NormalizeRewards = true, RewardScale = 0.5, FinalClipRange = 0.05 } },
        ["a2c, whole episodes, momentum"] = Settings("a2c") with { A2C = new A2CSettings { Estimate = ValueEstimate.Episode }, Optimizer = new() { Kind = Models.Optimizers.OptimizerKind.SGD, Momentum = 0.9 } },
        ["ppo-kl, three workers"] = Settings("ppo-kl") with { Workers = 3, PPOKl = new PPOKlSettings { TargetDivergence = 1e-4 } },
        ["impala, three workers"] = Settings("impala") with { Workers = 3 },
        ["dqn, prioritized"] = Settings("dqn") with { DQN = Sized(new DQNSettings { Dueling = true, Prioritized = true, NStep = 3, TargetInterval = 70 }) },
        ["dqn, rainbow"] = Settings("dqn") with { Workers = 2, DQN = Sized(new DQNSettings { Dueling = true, Prioritized = true, NStep = 3, TargetInterval = 70, Atoms = 11, ValueMinimum = 0, ValueMaximum = 20, Noisy = true }) },
        ["dqn, replay overflowing"] = Settings("dqn") with { DQN = Sized(new DQNSettings { TargetRate = 0.1, TargetInterval = 7 }) with { ReplayCapacity = 300 } },
        ["dqn, replay in segments"] = Settings("dqn") with { Snapshots = KeptRun.Settings.Snapshots with { ReplayLimit = 0 }, DQN = Sized(new DQNSettings()) with { ReplayCapacity = 300 } },
        ["ddpg, drifting noise"] = Settings("ddpg") with { DDPG = Sized(new DDPGSettings { Noise = NoiseKind.OrnsteinUhlenbeck, NStep = 3 }) },
        ["td3, prioritized, overflowing"] = Settings("td3") with { TD3 = Sized(new TD3Settings { Prioritized = true }) with { ReplayCapacity = 300 } },
        ["a3c, masked"] = Settings("a3c"),
        ["async-sarsa, masked"] = Settings("async-sarsa"),
        ["async-n-step-q, masked"] = Settings("async-n-step-q"),
        ["ppo, masked"] = Settings("ppo"),
        ["dqn, masked, double, three steps"] = Settings("dqn") with { DQN = Sized(new DQNSettings { DoubleQ = true, NStep = 3, TargetInterval = 70 }) },
        ["dqn, masked, prioritized, replay in segments"] = Settings("dqn") with { Snapshots = KeptRun.Settings.Snapshots with { ReplayLimit = 0 }, DQN = Sized(new DQNSettings { Prioritized = true }) with { ReplayCapacity = 300 } },
        ["impala, masked"] = Settings("impala"),
        ["a3c, several actions"] = Settings("a3c"),
        ["ppo-kl, several actions"] = Settings("ppo-kl"),
        ["sac, correlated noise"] = Settings("sac") with { SAC = Sized(new SACSettings { NoiseCorrelation = 0.8, NStep = 2 }), Workers = 3 },
    };

    public static TheoryData<string> Names => [.. Algorithms, .. Variants.Keys];

    public static TheoryData<string> Algorithms => [.. AlgorithmCatalog.All.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_run_that_is_killed_ends_as_if_it_had_not_been(string name)
    {
        var settings = SettingsOf(name);
        using var whole = Run(name);
        var (expected, rows) = await whole.WithoutSnapshotsAsync(settings);
        var kill = whole.Steps * 6 / 10;
        using var run = Run(name, step => { if (step == kill) KeptRun.Kill(); });

        var killed = await run.StartAsync(settings);
        var kept = run.Events.FindAll(IsRow);
        run.Events.Clear();
        var resumed = await run.StartAsync(settings, resume: true);

        Assert.Equal((null, StopReasons.Completed, settings.TotalSteps), (expected.StopDetail, expected.StopReason, expected.EnvironmentSteps));
        Assert.True(expected.Updates > 0);
        Assert.Equal("killed", killed.StopDetail);
        Assert.InRange(resumed.Snapshots.ResumedAtStep!.Value, 1, killed.EnvironmentSteps);
        Assert.Equal((expected.ParametersSha256, true), (resumed.ParametersSha256, resumed.Snapshots.ResumedExactly));
        Assert.Equal((expected.Updates, settings.TotalSteps), (resumed.Updates, resumed.EnvironmentSteps));
        var goneOn = kept.Take((int)run.Events.OfType<RunResumed>().Single().Rows).Concat(run.Events.Where(IsRow));
        Assert.Equal(rows.Select(Timeless), goneOn.Select(Timeless));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_learner_that_throws_costs_nothing_but_time(string name)
    {
        var settings = SettingsOf(name);
        using var whole = Run(name);
        var (expected, _) = await whole.WithoutSnapshotsAsync(settings);
        var (first, second) = (whole.Steps / 10, whole.Steps * 7 / 10);
        using var run = Run(name, step => { if (step == first || step == second) KeptRun.BreakLearner(); });

        var summary = await run.StartAsync(settings);

        Assert.Equal("", summary.StopDetail ?? "");
        Assert.Equal((StopReasons.Completed, 2), (summary.StopReason, summary.Faults.LearnerFaults));
        Assert.Equal((expected.ParametersSha256, expected.Updates), (summary.ParametersSha256, summary.Updates));
    }

    [Theory]
    [InlineData("ppo, normalised")]
    [InlineData("reinforce")]
    [InlineData("impala, three workers")]
    [InlineData("td3, prioritized, overflowing")]
    public async Task A_run_that_is_stopped_ends_as_if_it_had_not_been(string name)
    {
        var settings = SettingsOf(name);
        using var whole = Run(name);
        var (expected, _) = await whole.WithoutSnapshotsAsync(settings);
        var at = whole.Steps / 2;
        using var stop = new CancellationTokenSource();
        using var run = Run(name, step => { if (step == at) stop.Cancel(); });

        var stopped = await run.StartAsync(settings, stop: stop.Token);
        var resumed = await run.StartAsync(settings, resume: true);

        Assert.Equal(StopReasons.Stopped, stopped.StopReason);
        Assert.Equal((expected.ParametersSha256, stopped.EnvironmentSteps, true), (resumed.ParametersSha256, resumed.Snapshots.ResumedAtStep, resumed.Snapshots.ResumedExactly));
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("dqn")]
    [InlineData("impala")]
    public async Task Where_the_env_does_not_capture_its_state_a_run_goes_on_with_fresh_episodes_and_says_so(string name)
    {
        var settings = SettingsOf(name);
        using var stop = new CancellationTokenSource();
        using var run = new KeptRun();
        using var envs = new FaultyEnvs { OnStep = call => { if (call.Total == 1_000) stop.Cancel(); return Fault.None; } };

        var stopped = await run.StartAsync(settings, env: envs.Spec, stop: stop.Token);
        var resumed = await run.StartAsync(settings, env: envs.Spec, resume: true);

        Assert.Equal((StopReasons.Stopped, StopReasons.Completed), (stopped.StopReason, resumed.StopReason));
        Assert.Equal((stopped.EnvironmentSteps, false, settings.TotalSteps), (resumed.Snapshots.ResumedAtStep, resumed.Snapshots.ResumedExactly, resumed.EnvironmentSteps));
        Assert.True(resumed.Updates > stopped.Updates);
    }

    [Theory]
    [InlineData("ppo")]
    [InlineData("dqn")]
    [InlineData("impala")]
    public async Task A_finished_run_goes_on_when_it_is_made_longer(string name)
    {
        var settings = SettingsOf(name);
        using var run = Run(name);
        var finished = await run.StartAsync(settings);
        var longer = await run.StartAsync(settings with { TotalSteps = 3_000 }, resume: true);
        Assert.Equal((3_000, settings.TotalSteps), (longer.EnvironmentSteps, longer.Snapshots.ResumedAtStep));
        Assert.True(longer.Updates > finished.Updates);
    }

    private static RunSettings SettingsOf(string name) => Variants.TryGetValue(name, out var variant) ? variant : Settings(name);

    /// <summary>Small and short, with evaluations in between; what an algorithm remembers is at its defaults.</summary>
    private static RunSettings Settings(string algorithm) => KeptRun.Settings with
    {
        Algorithm = algorithm,
        TotalSteps = 2_500,
        Metrics = new MetricsSettings { IntervalSteps = 300 },
        Snapshots = KeptRun.Settings.Snapshots with { IntervalSteps = 400 },
        DQN = Sized(new DQNSettings()),
        DDPG = Sized(new DDPGSettings()),
        TD3 = Sized(new TD3Settings()),
        SAC = Sized(new SACSettings()),
    };

    private static T Sized<T>(T settings) where T : ReplaySettings => settings with { BatchSize = 8, LearningStarts = 100, ReplayCapacity = 10_000, TrainInterval = 4, UpdatesPerInterval = 2 };

    /// <summary>On CartPole, or on Pendulum for an algorithm that cannot choose CartPole's actions, or on the env of a variant's spaces.</summary>
    private static KeptRun Run(string name, Action<int>? onStep = null) => new()
    {
        MaximumEpisodeSteps = 40,
        OnStep = onStep ?? (_ => { }),
        Inner = name.Contains("masked", StringComparison.Ordinal) ? "KnightsTour-v0"
            : name.Contains("several actions", StringComparison.Ordinal) ? "Crane-v0"
            : AlgorithmCatalog.Find(SettingsOf(name).Algorithm).ActionSpaces.Contains("Discrete") ? "CartPole-v1" : "Pendulum-v1",
    };

    private static bool IsRow(RunEvent happened) => happened is ProgressReported or EvaluationReported or FaultReported;

    /// <summary>A row as the same run always writes it.</summary>
    private static string Timeless(RunEvent row) => row switch
    {
        ProgressReported progress => (progress with { WallSeconds = 0, StepsPerSecond = 0 }).ToString(),
        EvaluationReported evaluation => (evaluation with { WallSeconds = 0, Parameters = default }).ToString(),
        _ => row.ToString(),
    };
}
