using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Cluster.Tests.Kit;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Cluster.Tests.Runs;

/// <summary>The learner's node is lost, or leaves: another candidate goes on from the shared database.</summary>
public class FailoverTests
{
    [PostgresFact]
    public Task A_run_outlives_the_node_of_its_learner() => FailOver(TinyRuns.Of("a3c", totalSteps: 6_000));

    [PostgresFact]
    public Task So_does_one_whose_workers_take_turns() => FailOver(TinyRuns.Of("ppo", totalSteps: 6_000));

    [PostgresFact]
    public async Task A_learner_that_leaves_hands_its_run_over_with_nothing_lost()
    {
        var settings = Kept(TinyRuns.Of("ppo", totalSteps: 40_000));
        var storage = PostgresFactAttribute.Storage();
        await using var cluster = new TestCluster();
        using var stop = new CancellationTokenSource();
        using var slow = new Gate();
        var steps = 0;
        // A millisecond a step until the successor has begun: the run would be over before its learner has left.
        slow.Close();
        var env = TinyRuns.EnvOf(settings, () =>
        {
            if (Interlocked.Increment(ref steps) == 500)
                stop.Cancel();
            slow.Linger();
        });
        var first = cluster.Join("learner", storage);
        var leaving = TestCluster.LearnAsync(first, settings, env, storage: storage, stop: stop.Token);
        var successor = cluster.LearnAsync(settings, env, happened =>
        {
            if (happened is RunResumed)
                slow.Open();
        }, storage);
        _ = cluster.WorkAsync(env);

        var left = (await leaving)!.Summary;
        var summary = (await successor)!.Summary;

        Assert.Equal(StopReasons.Stopped, left.StopReason);
        Assert.Equal((StopReasons.Completed, settings.TotalSteps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.Equal((left.EnvironmentSteps, left.Snapshots.Incarnation + 1), (summary.Snapshots.ResumedAtStep, summary.Snapshots.Incarnation));
    }

    [Fact]
    public async Task A_learner_whose_node_is_put_out_was_not_stopped_by_anybody()
    {
        var settings = TinyRuns.Of("a3c", totalSteps: 1_000_000_000);
        await using var cluster = new TestCluster();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = cluster.Join("learner");
        var learning = TestCluster.LearnAsync(first, settings, TinyRuns.EnvOf(settings), happened =>
        {
            if (happened is ProgressReported)
                began.TrySetResult();
        });
        _ = cluster.WorkAsync(TinyRuns.EnvOf(settings));
        await began.Task.WaitAsync(TimeSpan.FromMinutes(2));

        var member = Akka.Cluster.Cluster.Get(first);
        member.Down(member.SelfAddress);

        await Assert.ThrowsAsync<Actors.Cluster.ClusterLeftException>(() => learning);
    }

    private static async Task FailOver(RunSettings tiny)
    {
        var settings = Kept(tiny);
        var storage = PostgresFactAttribute.Storage();
        await using var cluster = new TestCluster();
        using var gate = new Gate();
        var steps = 0;
        // Workers wait before the run is over, for its learner to be killed, but not before the first snapshot is due.
        var env = TinyRuns.EnvOf(settings, () =>
        {
            if (Interlocked.Increment(ref steps) == 2_000)
                gate.Close();
            gate.Pass();
        });
        var saved = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = cluster.Join("learner", storage);
        _ = TestCluster.LearnAsync(first, settings, env, happened =>
        {
            if (happened is SnapshotSaved snapshot)
                saved.TrySetResult(snapshot.GlobalStep);
        }, storage);
        var successor = cluster.LearnAsync(settings, env, happened =>
        {
            if (happened is RunResumed)
                gate.Open();
        }, storage);
        var node = cluster.WorkAsync(env);
        var safe = await saved.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await TestCluster.Kill(first);

        var summary = (await successor)!.Summary;

        Assert.Equal((StopReasons.Completed, settings.TotalSteps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.True(summary.Snapshots.ResumedAtStep >= safe);
        Assert.Equal(2, summary.Snapshots.Incarnation);
        Assert.Equal(StopReasons.Completed, await node);
    }

    private static RunSettings Kept(RunSettings settings) => settings with
    {
        Snapshots = new SnapshotSettings { IntervalSteps = 300, IntervalTime = TimeSpan.FromHours(1) },
        PPO = new PPOSettings { EnvsPerWorker = 2, RolloutSteps = 16, Epochs = 1 },
    };
}
