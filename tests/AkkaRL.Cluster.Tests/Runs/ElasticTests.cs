using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Cluster.Tests.Kit;

namespace AkkaRL.Cluster.Tests.Runs;

/// <summary>Nodes come, go, and are lost while a run goes on.</summary>
public class ElasticTests
{
    [Theory]
    [InlineData("a3c", 200_000)]
    [InlineData("async-n-step-q", 200_000)]
    [InlineData("ppo", 40_000)]
    [InlineData("dqn", 12_000)]
    public async Task A_node_that_joins_later_gets_its_share(string algorithm, long totalSteps)
    {
        var settings = TinyRuns.Of(algorithm, totalSteps);
        await using var cluster = new TestCluster();
        using var gate = new Gate();
        var (first, second) = (0, 0);
        var reached = new TaskCompletionSource();
        // The first node's workers are slow until the second's have made some steps: the run would be over before it has joined.
        gate.Close();
        var slow = TinyRuns.EnvOf(settings, () =>
        {
            if (Interlocked.Increment(ref first) == 200)
                reached.SetResult();
            gate.Linger();
        });
        var late = TinyRuns.EnvOf(settings, () =>
        {
            if (Interlocked.Increment(ref second) == 10)
                gate.Open();
        });
        var learner = cluster.LearnAsync(settings, slow);
        _ = cluster.WorkAsync(slow, name: "first");
        await await Task.WhenAny(reached.Task, learner);
        _ = cluster.WorkAsync(late, name: "second");

        var summary = (await learner)!.Summary;

        Assert.Equal((StopReasons.Completed, settings.TotalSteps, 0), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.Total));
        Assert.True(second >= 10);
    }

    [Theory]
    [InlineData("a3c")]
    [InlineData("ppo")]
    [InlineData("dqn")]
    public async Task What_a_lost_node_was_to_make_is_made_by_the_others(string algorithm)
    {
        var settings = TinyRuns.Of(algorithm, totalSteps: 2_000);
        await using var cluster = new TestCluster();
        var steps = 0;
        using var gate = new Gate();
        var reached = new TaskCompletionSource();
        var doomed = TinyRuns.EnvOf(settings, () =>
        {
            if (Interlocked.Increment(ref steps) == 150)
            {
                gate.Close(); // in the middle of a rollout
                reached.SetResult();
            }
            gate.Pass();
        });
        var env = TinyRuns.EnvOf(settings);
        var learner = cluster.LearnAsync(settings, env);
        var victim = cluster.Join("worker");
        _ = TestCluster.WorkAsync(victim, doomed, name: "victim");
        await await Task.WhenAny(reached.Task, learner);
        var death = TestCluster.Kill(victim);
        gate.Open();
        await death;
        _ = cluster.WorkAsync(env, name: "other");

        var summary = (await learner)!.Summary;

        Assert.Equal((StopReasons.Completed, settings.TotalSteps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.Equal((1, 0), (summary.Faults.LostNodes, summary.Faults.Total));
    }

    [Fact]
    public async Task A_node_that_leaves_is_no_fault()
    {
        var settings = TinyRuns.Of("a3c", totalSteps: 2_000);
        await using var cluster = new TestCluster();
        using var stop = new CancellationTokenSource();
        using var gate = new Gate();
        var steps = 0;
        var leaving = TinyRuns.EnvOf(settings, () =>
        {
            if (Interlocked.Increment(ref steps) == 100)
            {
                gate.Close();
                stop.Cancel();
            }
            gate.Pass();
        });
        var env = TinyRuns.EnvOf(settings);
        var learner = cluster.LearnAsync(settings, env);
        var node = cluster.WorkAsync(leaving, name: "leaving", stop: stop.Token);
        Assert.Equal(StopReasons.Stopped, await node);
        gate.Open();
        _ = cluster.WorkAsync(env, name: "other");
        var summary = (await learner)!.Summary;
        Assert.Equal((StopReasons.Completed, settings.TotalSteps, 0), (summary.StopReason, summary.EnvironmentSteps, summary.Faults.LostNodes));
    }

    [Fact]
    public async Task A_worker_that_throws_on_a_node_is_replaced_there()
    {
        var settings = TinyRuns.Of("ppo", totalSteps: 2_000);
        var steps = 0;
        await using var cluster = new TestCluster();
        var env = TinyRuns.EnvOf(settings, () =>
        {
            if (Interlocked.Increment(ref steps) == 300)
                throw new InvalidOperationException("the simulator broke");
        });
        var faults = new List<FaultReported>();
        var learner = cluster.LearnAsync(settings, env, happened => faults.AddRange(happened is FaultReported fault ? [fault] : []));
        _ = cluster.WorkAsync(env, name: "shaky");
        var summary = (await learner)!.Summary;
        Assert.Equal((settings.TotalSteps, 1, 1), (summary.EnvironmentSteps, summary.Faults.EnvironmentFaults, summary.Faults.Total));
        Assert.Contains("shaky", faults.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_cannot_make_the_env_is_refused()
    {
        var settings = TinyRuns.Of("a3c");
        await using var cluster = new TestCluster();
        _ = cluster.LearnAsync(settings, TinyRuns.EnvOf(settings));
        var node = Actors.Cluster.ClusterRun.StartWorkerAsync(
            cluster.Join("worker"), new Actors.Cluster.NodeSettings { Name = "bare" }, _ => throw new InvalidSettingsException("There is no such env here."), TestCluster.Links);
        var refusal = await Assert.ThrowsAsync<Actors.Cluster.NodeRefusedException>(() => node.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("There is no such env here.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_of_another_run_is_refused()
    {
        var settings = TinyRuns.Of("a3c");
        await using var cluster = new TestCluster();
        var env = TinyRuns.EnvOf(settings);
        _ = cluster.LearnAsync(settings, env);
        var node = Actors.Cluster.ClusterRun.StartWorkerAsync(
            cluster.Join("worker"), new Actors.Cluster.NodeSettings { Name = "lost", RunId = "another" }, _ => env, TestCluster.Links);
        var refusal = await Assert.ThrowsAsync<Actors.Cluster.NodeRefusedException>(() => node.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("another", refusal.Message, StringComparison.Ordinal);
    }
}
