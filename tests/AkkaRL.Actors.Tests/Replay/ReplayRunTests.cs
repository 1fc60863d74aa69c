using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Tests.Replay;

/// <summary>Whole runs of the replay shape.</summary>
public class ReplayRunTests
{
    private static readonly Box Actions = new(-2, 2, 2);

    public static TheoryData<string, int, bool> Shapes
    {
        get
        {
            var shapes = new TheoryData<string, int, bool>();
            foreach (var algorithm in new[] { "dqn", "ddpg", "td3", "sac" })
            {
                shapes.Add(algorithm, 1, false);
                shapes.Add(algorithm, 3, false);
                shapes.Add(algorithm, 2, true);
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task The_same_seed_makes_the_same_parameters_bit_for_bit(string algorithm, int workers, bool prioritized)
    {
        var settings = Settings(algorithm, workers, prioritized);
        var first = await RunAsync(settings);
        Assert.Equal(first.ParametersSha256, (await RunAsync(settings)).ParametersSha256);
        Assert.NotEqual(first.ParametersSha256, (await RunAsync(settings with { Seed = 2 })).ParametersSha256);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Env_steps_and_updates_are_counted_exactly(string algorithm, int workers, bool prioritized)
    {
        var summary = await RunAsync(Settings(algorithm, workers, prioritized));
        Assert.Equal((StopReasons.Completed, 211, (211 - 40) / 6 * 5), (summary.StopReason, summary.EnvironmentSteps, summary.Updates));
    }

    [Theory]
    [InlineData("dqn")]
    [InlineData("sac")]
    public async Task A_worker_that_fails_is_replaced_and_its_steps_are_made_again(string algorithm)
    {
        using var envs = new FaultyEnvs
        {
            ActionSpace = algorithm == "dqn" ? new Discrete(2) : Actions,
            OnStep = call => call.Total is 30 or 90 ? Fault.Throw : Fault.None,
        };
        var result = await TinyRun.StartAsync(Settings(algorithm, 2, false), envs.Spec);
        Assert.Equal((StopReasons.Completed, 211, 2), (result.Summary.StopReason, result.Summary.EnvironmentSteps, result.Summary.Faults.EnvironmentFaults));
    }

    [Fact]
    public async Task An_env_that_is_solved_ends_the_run_with_the_policy_that_solved_it()
    {
        using var envs = new FaultyEnvs { SolvedAt = 7 };
        var settings = Settings("dqn", 1, false) with { Evaluation = new EvaluationSettings { IntervalSteps = 20, Episodes = 1, FinalEpisodes = 1 } };
        var result = await TinyRun.StartAsync(settings, envs.Spec);
        Assert.Equal(StopReasons.Solved, result.Summary.StopReason);
        Assert.Equal(result.Last.Parameters.ToArray(), result.Best.Parameters.ToArray());
    }

    [Theory]
    [InlineData("dqn", "actions of Box(2)")]
    [InlineData("ddpg", "actions of Discrete(2)")]
    [InlineData("td3", "actions of Discrete(2)")]
    [InlineData("sac", "actions of Discrete(2)")]
    public async Task Actions_that_the_algorithm_cannot_choose_are_refused_with_a_remedy(string algorithm, string because)
    {
        using var envs = new FaultyEnvs { ActionSpace = algorithm == "dqn" ? Actions : new Discrete(2) };
        await RefusesAsync(Settings(algorithm, 1, false), envs.Spec, because, "Set akkarl.algorithm");
    }

    [Fact]
    public async Task Actions_without_bounds_are_refused_by_algorithms_that_squash()
    {
        using var envs = new FaultyEnvs { ActionSpace = new Box(float.NegativeInfinity, 1, 1) };
        await RefusesAsync(Settings("sac", 1, false), envs.Spec, "needs bounded actions", "finite bounds");
    }

    public static TheoryData<string> Misfits => [.. Bad.Keys];

    private static readonly Dictionary<string, DQNSettings> Bad = new()
    {
        ["akkarl.dqn.replay-capacity is 63, below akkarl.dqn.batch-size, 64"] = new() { ReplayCapacity = 63, BatchSize = 64 },
        ["akkarl.dqn.learning-starts is 10, below akkarl.dqn.batch-size, 64"] = new() { LearningStarts = 10, BatchSize = 64 },
        ["akkarl.dqn.priority-exponent is -0.5"] = new() { PriorityExponent = -0.5 },
        ["akkarl.dqn.target-rate is 0"] = new() { TargetRate = 0 },
        ["akkarl.dqn.n-step is 0"] = new() { NStep = 0 },
        ["akkarl.dqn.learning-starts is 200, below akkarl.dqn.n-step x akkarl.workers, 300"] = new() { LearningStarts = 200, NStep = 300 },
        ["akkarl.dqn.final-learning-rate is 2"] = new() { LearningRate = 1, FinalLearningRate = 2 },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task Settings_that_do_not_fit_are_named_before_anything_starts(string message) =>
        await RefusesAsync(Settings("dqn", 1, false) with { DQN = Bad[message] }, TinyRun.CartPole, message, "");

    private static async Task RefusesAsync(RunSettings settings, EnvSpec env, string because, string remedy)
    {
        var error = await Assert.ThrowsAsync<InvalidSettingsException>(() => TinyRun.StartAsync(settings, env, _ => Assert.Fail("started")));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
    }

    private static async Task<RunSummary> RunAsync(RunSettings settings)
    {
        using var envs = new FaultyEnvs { ActionSpace = settings.Algorithm == "dqn" ? new Discrete(2) : Actions };
        return (await TinyRun.StartAsync(settings, envs.Spec)).Summary;
    }

    /// <summary>A replay that the run outlasts, a last round that is short, and every switch of DQN's on when prioritized.</summary>
    private static RunSettings Settings(string algorithm, int workers, bool prioritized) => TinyRun.Settings with
    {
        Algorithm = algorithm,
        Workers = workers,
        TotalSteps = 211,
        DQN = Sized(new DQNSettings { Dueling = prioritized, TargetInterval = 7 }, prioritized),
        DDPG = Sized(new DDPGSettings { Noise = prioritized ? NoiseKind.OrnsteinUhlenbeck : NoiseKind.Gaussian }, prioritized),
        TD3 = Sized(new TD3Settings(), prioritized),
        SAC = Sized(new SACSettings(), prioritized),
    };

    private static T Sized<T>(T settings, bool prioritized) where T : ReplaySettings => settings with
    {
        BatchSize = 8, ReplayCapacity = 64, LearningStarts = 40, TrainInterval = 6, UpdatesPerInterval = 5, Prioritized = prioritized, NStep = prioritized ? 3 : 1,
    };
}
