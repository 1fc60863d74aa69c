using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Cluster.Tests.Kit;

namespace AkkaRL.Cluster.Tests.Runs;

/// <summary>Whole runs whose learner and workers are on different nodes.</summary>
public class ClusteredRunTests
{
    public static TheoryData<string> Algorithms => [.. AlgorithmCatalog.All.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Every_algorithm_makes_exactly_its_env_steps(string algorithm)
    {
        var settings = TinyRuns.Of(algorithm);
        var env = TinyRuns.EnvOf(settings);
        await using var cluster = new TestCluster();
        var learner = cluster.LearnAsync(settings, env);
        var node = cluster.WorkAsync(env);

        var summary = (await learner)!.Summary;

        Assert.Equal((StopReasons.Completed, null, settings.TotalSteps), (summary.StopReason, summary.StopDetail, summary.EnvironmentSteps));
        Assert.True(summary.Updates > 0);
        Assert.Equal(new FaultCounts(), summary.Faults);
        Assert.Equal(StopReasons.Completed, await node);
    }

    /// <summary>What crosses the wire is bit for bit what a worker in the process would have said, in the same order.</summary>
    [Theory]
    [InlineData("ppo", "CartPole-v1")]
    [InlineData("dqn", "CartPole-v1")]
    [InlineData("sac", "Pendulum-v1")]
    [InlineData("ppo", "Crane-v0")]
    [InlineData("ppo", "KnightsTour-v0")]
    [InlineData("dqn", "KnightsTour-v0")]
    public async Task Where_workers_take_turns_a_cluster_learns_the_very_parameters_of_one_process(string algorithm, string inner)
    {
        var settings = TinyRuns.Of(algorithm);
        var env = TinyRuns.Watched(inner);
        var expected = (await TrainingRun.StartAsync(settings, env)).Summary;
        await using var cluster = new TestCluster();
        var learner = cluster.LearnAsync(settings, env);
        _ = cluster.WorkAsync(env);

        var summary = (await learner)!.Summary;

        Assert.Equal((expected.ParametersSha256, expected.Updates), (summary.ParametersSha256, summary.Updates));
    }

    [Fact]
    public async Task Gradients_of_a_node_are_combined_and_none_of_their_episodes_is_lost()
    {
        var settings = TinyRuns.Of("a3c", totalSteps: 20_000);
        var episodes = 0L;
        var env = TinyRuns.EnvOf(settings);
        await using var cluster = new TestCluster();
        var learner = cluster.LearnAsync(settings, env, happened => episodes = happened is ProgressReported progress ? progress.Episodes : episodes);
        _ = cluster.WorkAsync(env);

        var summary = (await learner)!.Summary;

        // An episode has 40 steps at most, and a rollout ends with it.
        Assert.InRange(episodes, 20_000 / 40, 20_000);
        Assert.InRange(summary.Updates, 1, 20_000 / settings.A3C.RolloutSteps + episodes);
        Assert.Equal(20_000, summary.EnvironmentSteps);
    }

    [Fact]
    public async Task The_learner_s_node_can_have_workers_too()
    {
        var settings = TinyRuns.Of("ppo");
        var env = TinyRuns.EnvOf(settings);
        await using var cluster = new TestCluster();
        var system = cluster.Join("learner,worker");
        var learner = TestCluster.LearnAsync(system, settings, env);
        var node = TestCluster.WorkAsync(system, env);
        Assert.Equal(settings.TotalSteps, (await learner)!.Summary.EnvironmentSteps);
        Assert.Equal(StopReasons.Completed, await node);
    }

    [Fact]
    public async Task An_asynchronous_run_that_is_to_be_deterministic_is_refused()
    {
        var settings = TinyRuns.Of("a3c") with { Deterministic = true };
        await using var cluster = new TestCluster();
        var refusal = await Assert.ThrowsAsync<InvalidSettingsException>(() => cluster.LearnAsync(settings, TinyRuns.EnvOf(settings)));
        Assert.Contains("akkarl.deterministic", refusal.Message, StringComparison.Ordinal);
    }
}
