using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Cluster.Tests.Kit;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Cluster.Tests.Runs;

/// <summary>Whole runs over two nodes that round what they send, as their learner wants it: A3C on CartPole, as in the experiment cartpole.</summary>
public class PrecisionTests
{
    private static readonly RunSettings CartPole = new()
    {
        TotalSteps = 400_000,
        A3C = new A3CSettings { RolloutSteps = 8, GaeLambda = 0.95, RewardScale = 0.1 },
        Snapshots = new SnapshotSettings { Enabled = false },
    };

    [Theory]
    [InlineData(GradientPrecision.Half)]
    [InlineData(GradientPrecision.EightBit)]
    public async Task CartPole_is_solved_by_nodes_that_round(GradientPrecision precision)
    {
        var (result, _) = await RunAsync(CartPole, new LinkSettings { GradientPrecision = precision });
        Assert.Equal((StopReasons.Solved, new FaultCounts()), (result.Summary.StopReason, result.Summary.Faults));
    }

    [Fact]
    public async Task Fewer_bits_are_fewer_bytes_from_a_node_and_as_many_to_it()
    {
        var settings = CartPole with { TotalSteps = 20_000, StopWhenSolved = false, Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 } };
        var (sent, taken) = (new Dictionary<GradientPrecision, double>(), new Dictionary<GradientPrecision, double>());
        foreach (var precision in Enum.GetValues<GradientPrecision>())
        {
            // At most 4 rollouts of 8 steps in a message make 625 of them, or more.
            var (_, nodes) = await RunAsync(settings, new LinkSettings { GradientPrecision = precision, CombinedRollouts = 4 });
            var messages = nodes.Sum(node => node.Messages);
            (sent[precision], taken[precision]) = ((double)nodes.Sum(node => node.BytesSent) / messages, (double)nodes.Sum(node => node.BytesTaken) / messages);
        }
        // The moments, one message in 32 and the first, are as they were, and so are the losses and episodes.
        Assert.InRange(sent[GradientPrecision.Half] / sent[GradientPrecision.Full], 0.5, 0.6);
        Assert.InRange(sent[GradientPrecision.EightBit] / sent[GradientPrecision.Full], 0.25, 0.4);
        Assert.InRange(taken[GradientPrecision.EightBit] / taken[GradientPrecision.Full], 0.9, 1.1);
    }

    private static async Task<(RunResult Result, NodeFigures[] Nodes)> RunAsync(RunSettings settings, LinkSettings links)
    {
        var env = EnvCatalog.BuiltIn.Find("CartPole-v1");
        await using var cluster = new TestCluster();
        var learner = cluster.LearnAsync(settings, env, links: links with { PulseInterval = TestCluster.Links.PulseInterval, NodeTimeout = TestCluster.Links.NodeTimeout });
        NodeFigures[] nodes = [new(), new()];
        var work = nodes.Select((figures, i) => cluster.WorkAsync(env, workers: 1, name: $"node-{i}", figures: figures)).ToArray();
        var result = (await learner)!;
        await Task.WhenAll(work);
        return (result, nodes);
    }
}
