using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>Whole runs of the asynchronous value methods, on targets that move often.</summary>
public class AsynchronousQRunTests
{
    public static TheoryData<string> Algorithms => ["async-one-step-q", "async-sarsa", "async-n-step-q"];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task The_same_seed_makes_the_same_parameters_bit_for_bit(string algorithm)
    {
        var settings = Settings(TinyRun.Settings, algorithm) with
        {
            Workers = 3, TotalSteps = 1003, Deterministic = true, Evaluation = new EvaluationSettings { IntervalSteps = 200, Episodes = 2, FinalEpisodes = 0 },
        };
        var first = await ShaAsync(settings);
        Assert.Equal(first, await ShaAsync(settings));
        Assert.NotEqual(first, await ShaAsync(settings with { Seed = 2 }));
        Assert.NotEqual(first, await ShaAsync(settings with { Workers = 2 }));
    }

    [Fact]
    public async Task A_target_that_moves_within_every_rollout_is_as_deterministic_on_the_torch_engine_too()
    {
        var settings = Settings(TinyRun.Settings, "async-sarsa", interval: 2) with { Workers = 2, TotalSteps = 300, Deterministic = true, Engine = EngineKind.Torch };
        Assert.Equal(await ShaAsync(settings), await ShaAsync(settings));
    }

    [Fact]
    public async Task The_three_algorithms_and_their_target_intervals_make_a_difference()
    {
        var settings = TinyRun.Settings with { TotalSteps = 500, Deterministic = true };
        var shas = new HashSet<string>();
        foreach (var algorithm in new[] { "async-one-step-q", "async-sarsa", "async-n-step-q" })
            foreach (var interval in new[] { 20, 50 })
                shas.Add(await ShaAsync(Settings(settings, algorithm, interval)));
        Assert.Equal(6, shas.Count);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_stopped_deterministic_run_ends_as_if_it_had_not_been_stopped(string algorithm)
    {
        var settings = Settings(KeptRun.Settings, algorithm);
        using var whole = new KeptRun();
        var expected = (await whole.StartAsync(settings)).ParametersSha256;

        using var stop = new CancellationTokenSource();
        using var run = new KeptRun { OnStep = step => { if (step == 1_777) stop.Cancel(); } };
        Assert.Equal(StopReasons.Stopped, (await run.StartAsync(settings, stop: stop.Token)).StopReason);
        var resumed = await run.StartAsync(settings, resume: true);

        Assert.Equal((expected, 4_000, true), (resumed.ParametersSha256, resumed.EnvironmentSteps, resumed.Snapshots.ResumedExactly));
    }

    [Fact]
    public async Task A_learner_that_throws_in_a_deterministic_run_costs_nothing_but_time()
    {
        var settings = Settings(KeptRun.Settings, "async-sarsa");
        using var whole = new KeptRun();
        var expected = (await whole.StartAsync(settings)).ParametersSha256;

        using var run = new KeptRun { OnStep = step => { if (step == 1_777) KeptRun.BreakLearner(); } };
        var summary = await run.StartAsync(settings);

        Assert.Equal((expected, 4_000, 1), (summary.ParametersSha256, summary.EnvironmentSteps, summary.Faults.LearnerFaults));
    }

    [Fact]
    public async Task A_learner_that_throws_in_an_asynchronous_run_goes_on_with_the_same_envs()
    {
        using var run = new KeptRun { OnStep = step => { if (step is 1_000 or 2_500) KeptRun.BreakLearner(); } };
        var summary = await run.StartAsync(Settings(KeptRun.Settings, "async-n-step-q") with { Deterministic = false });
        Assert.Equal((StopReasons.Completed, 4_000, 2), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.LearnerFaults));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_777)]
    public async Task A_target_network_that_throws_in_a_deterministic_run_is_named_and_costs_nothing_but_time(int atStep)
    {
        var settings = Settings(KeptRun.Settings, "async-n-step-q");
        using var whole = new KeptRun();
        var expected = (await whole.StartAsync(settings)).ParametersSha256;

        using var run = new KeptRun { OnStep = step => { if (step == atStep) BreakTarget(); } };
        var summary = await run.StartAsync(settings);

        Assert.Equal((expected, 4_000, 1), (summary.ParametersSha256, summary.EnvironmentSteps, summary.Faults.LearnerFaults));
        Assert.Contains(run.Events.OfType<FaultReported>(), fault => fault.Message.StartsWith("The target-network threw ActorKilledException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_target_network_that_throws_in_an_asynchronous_run_is_made_anew_and_every_step_is_made()
    {
        using var run = new KeptRun { OnStep = step => { if (step is 1_000 or 2_500) BreakTarget(); } };
        var summary = await run.StartAsync(Settings(KeptRun.Settings, "async-one-step-q") with { Deterministic = false });
        Assert.Equal((StopReasons.Completed, 4_000, 2), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.LearnerFaults));
    }

    [Fact]
    public async Task A_target_network_that_keeps_throwing_ends_the_run_and_the_summary_says_why()
    {
        using var run = new KeptRun { OnStep = _ => BreakTarget() };
        var settings = Settings(KeptRun.Endless, "async-sarsa");
        var summary = await run.StartAsync(settings with { Faults = settings.Faults with { Budget = 3 } });
        Assert.Equal(StopReasons.Failed, summary.StopReason);
        Assert.Contains("of the learner: The target-network threw ActorKilledException", summary.StopDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_asynchronous_run_is_resumed()
    {
        using var stop = new CancellationTokenSource();
        using var run = new KeptRun { OnStep = step => { if (step == 2_000) stop.Cancel(); } };
        var settings = Settings(KeptRun.Settings, "async-one-step-q") with { Deterministic = false };
        var stopped = await run.StartAsync(settings, stop: stop.Token);
        var resumed = await run.StartAsync(settings with { Workers = 3 }, resume: true);
        Assert.Equal((4_000, false, stopped.EnvironmentSteps), (resumed.EnvironmentSteps, resumed.Snapshots.ResumedExactly, resumed.Snapshots.ResumedAtStep));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_worker_that_fails_is_replaced_and_its_steps_are_made_again(string algorithm)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total is 30 or 90 ? Fault.Throw : Fault.None };
        var summary = (await TinyRun.StartAsync(Settings(TinyRun.Settings, algorithm) with { Workers = 2, TotalSteps = 211 }, envs.Spec)).Summary;
        Assert.Equal((StopReasons.Completed, 211, 2), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.EnvironmentFaults));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Continuous_actions_are_refused_by_name_with_a_remedy(string algorithm)
    {
        using var envs = new FaultyEnvs { ActionSpace = new Box(-2, 2, 2) };
        var error = await Assert.ThrowsAsync<InvalidSettingsException>(() => TinyRun.StartAsync(Settings(TinyRun.Settings, algorithm), envs.Spec, _ => Assert.Fail("started")));
        Assert.StartsWith($"akkarl.algorithm is \"{algorithm}\", which chooses among Discrete actions, but the env has actions of Box(2)", error.Message, StringComparison.Ordinal);
        Assert.Contains("Set akkarl.algorithm", error.Message, StringComparison.Ordinal);
    }

    private static void BreakTarget() => KeptRun.Tell("target-network", Kill.Instance);

    private static RunSettings Settings(RunSettings settings, string algorithm, long interval = 17)
    {
        var q = new AsynchronousQSettings { TargetInterval = interval };
        return settings with { Algorithm = algorithm, AsyncOneStepQ = q, AsyncSarsa = q, AsyncNStepQ = q };
    }

    private static async Task<string> ShaAsync(RunSettings settings) => (await TinyRun.StartAsync(settings, TinyRun.CartPole)).Summary.ParametersSha256;
}
