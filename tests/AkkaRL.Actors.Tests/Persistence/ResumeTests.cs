using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>A run that ended before its time goes on from its last snapshot; a deterministic one bit for bit.</summary>
public class ResumeTests
{
    [Fact]
    public async Task Snapshots_do_not_change_the_way_a_deterministic_run_goes()
    {
        using var run = new KeptRun();
        var without = await TinyRun.StartAsync(KeptRun.Settings, TinyRun.CartPole);
        var with = await run.StartAsync();
        Assert.Equal(without.Summary.ParametersSha256, with.ParametersSha256);
        Assert.True(with.Snapshots.Saved >= 2);
        Assert.Equal(2, SnapshotArchive.Read(run.Database).Count);
        Assert.All(SnapshotArchive.Read(run.Database), snapshot => Assert.Null(snapshot.Invalid));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1_101)]
    [InlineData(2_750)]
    public async Task A_stopped_deterministic_run_ends_as_if_it_had_not_been_stopped(int atStep)
    {
        using var whole = new KeptRun();
        var expected = (await whole.StartAsync()).ParametersSha256;

        using var stop = new CancellationTokenSource();
        using var run = new KeptRun { OnStep = step => { if (step == atStep) stop.Cancel(); } };
        var stopped = await run.StartAsync(stop: stop.Token);
        Assert.Equal(StopReasons.Stopped, stopped.StopReason);
        var resumed = await run.StartAsync(resume: true);

        Assert.Equal((expected, 4_000, true), (resumed.ParametersSha256, resumed.EnvironmentSteps, resumed.Snapshots.ResumedExactly));
        Assert.Equal(stopped.EnvironmentSteps, resumed.Snapshots.ResumedAtStep);
        Assert.Equal(2, resumed.Snapshots.Incarnation);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_777)]
    public async Task A_learner_that_throws_in_a_deterministic_run_costs_nothing_but_time(int atStep)
    {
        using var whole = new KeptRun();
        var expected = (await whole.StartAsync()).ParametersSha256;

        using var run = new KeptRun { OnStep = step => { if (step == atStep) KeptRun.BreakLearner(); } };
        var summary = await run.StartAsync();

        Assert.Equal((expected, 4_000, 1), (summary.ParametersSha256, summary.EnvironmentSteps, summary.Faults.LearnerFaults));
        Assert.Equal((StopReasons.Completed, 2), (summary.StopReason, summary.Snapshots.Incarnation));
    }

    [Fact]
    public async Task A_learner_that_throws_in_an_asynchronous_run_goes_on_with_the_same_envs()
    {
        using var run = new KeptRun { OnStep = step => { if (step is 1_000 or 2_500) KeptRun.BreakLearner(); } };
        var summary = await run.StartAsync(KeptRun.Settings with { Deterministic = false });
        Assert.Equal((StopReasons.Completed, 4_000, 2, 3), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.LearnerFaults, summary.Snapshots.Incarnation));
    }

    [Fact]
    public async Task Every_gradient_for_a_former_life_of_the_learner_is_counted()
    {
        // The only worker breaks the learner in the middle of a rollout, whose gradient then arrives in the learner's next life.
        using var run = new KeptRun { OnStep = step => { if (step is 1_000 or 2_000 or 2_500) KeptRun.BreakLearner(); } };
        var summary = await run.StartAsync(KeptRun.Settings with { Workers = 1, Deterministic = false });
        Assert.Equal((4_000, 3, 3), (summary.EnvironmentSteps, summary.Faults.LearnerFaults, summary.Faults.StaleGradients));
        Assert.Equal(3, run.Events.OfType<FaultReported>().Count(fault => fault is { Kind: FaultKind.StaleGradient, Worker: 0 }));
    }

    [Fact]
    public async Task Without_a_snapshot_a_learner_goes_back_to_the_start()
    {
        using var run = new KeptRun { OnStep = step => { if (step == 1_000) KeptRun.BreakLearner(); } };
        var settings = KeptRun.Settings with { Snapshots = new SnapshotSettings { Enabled = false } };
        var expected = await TinyRun.StartAsync(settings, TinyRun.CartPole);
        Assert.Equal(expected.Summary.ParametersSha256, (await run.StartAsync(settings)).ParametersSha256);
        Assert.Contains(run.Events.OfType<FaultReported>(), fault => fault.Kind == FaultKind.Learner && fault.Message.Contains("its start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_asynchronous_run_is_resumed_with_fresh_episodes_and_as_many_workers_as_asked()
    {
        using var stop = new CancellationTokenSource();
        using var run = new KeptRun { OnStep = step => { if (step == 2_000) stop.Cancel(); } };
        var settings = KeptRun.Settings with { Deterministic = false };
        var stopped = await run.StartAsync(settings, stop: stop.Token);
        var resumed = await run.StartAsync(settings with { Workers = 3, TotalSteps = 5_000 }, resume: true);
        Assert.Equal((5_000, false), (resumed.EnvironmentSteps, resumed.Snapshots.ResumedExactly));
        Assert.Equal(stopped.EnvironmentSteps, resumed.Snapshots.ResumedAtStep);
        Assert.True(resumed.WallSeconds > stopped.WallSeconds);
    }

    [Fact]
    public async Task A_finished_run_goes_on_when_it_is_made_longer()
    {
        using var run = new KeptRun();
        await run.StartAsync();
        var longer = await run.StartAsync(KeptRun.Settings with { TotalSteps = 5_000 }, resume: true);
        Assert.Equal((5_000, 4_000), (longer.EnvironmentSteps, longer.Snapshots.ResumedAtStep));
    }

    [Fact]
    public async Task A_run_that_diverges_is_rolled_back_and_goes_on_at_a_lower_learning_rate()
    {
        using var run = new KeptRun { OnStep = step => { if (step == 2_000) KeptRun.BlowUp(incarnation: 1); } };
        var summary = await run.StartAsync(Diverging with { TotalSteps = 4_000 });
        Assert.Equal((StopReasons.Completed, 4_000, 1), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.Divergences));
        Assert.Contains(run.Events.OfType<FaultReported>(), fault => fault.Message.Contains("the learning rate 0.5 of what is set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_keeps_diverging_is_given_up()
    {
        using var run = new KeptRun { OnStep = step => { if (step % 1_000 == 0) KeptRun.BlowUp(incarnation: step / 1_000); } };
        var summary = await run.StartAsync(Diverging with { TotalSteps = long.MaxValue });
        Assert.Equal((StopReasons.Failed, 4), (summary.StopReason, summary.Faults.Divergences));
        Assert.StartsWith("Learning diverged 4 times, more often than akkarl.divergence.maximum-rollbacks (3) allows.", summary.StopDetail, StringComparison.Ordinal);
    }

    /// <summary>
    /// Without evaluations, so that every step is the worker's, in a rollout that the learner's present life has granted: while an evaluation is
    /// waited for, a gradient waits in the worker's seat, where the forged one would be overwritten by the worker's own.
    /// </summary>
    private static RunSettings Diverging => KeptRun.Settings with
    {
        Workers = 1,
        Deterministic = false,
        StopWhenSolved = false,
        Evaluation = KeptRun.Settings.Evaluation with { IntervalSteps = 0 },
    };
}
