using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Optimizers;
using AkkaRL.Envs;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Cluster.Tests.Links;

/// <summary>Nodes' parameters against a learner's, as their messages cross in any order that two grants a node allow.</summary>
public sealed class NodeParametersTests
{
    private const int Streams = 2;

    private static readonly float[] Initial = [1, -2, 3];

    /// <summary>The gradient depends on the parameters, so that the order of updates matters.</summary>
    [Fact]
    public void However_many_updates_a_node_combines_it_ends_where_updates_in_turn_end()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var (random, expected, optimizer) = (new Pcg64(seed), Initial.ToArray(), NewAdam());
            var run = new Simulation(nodes: 1, NewAdam);
            for (var i = 0; i < 200; i++)
            {
                var target = (float)random.NextUniform(-3, 3);
                optimizer.Update(expected, Gradient(expected, target), 0.01f);
                run.Update(0, target);
                if (random.NextInteger(4) == 0)
                    run.SendOrAnswer(0, random);
            }
            run.Flush();
            for (var p = 0; p < expected.Length; p++)
                Assert.Equal(expected[p], run.Learner.Parameters[p], 1e-4f);
            Assert.Equal((200, 0), (run.Learner.Version, run.Learner.PolicyLag.Maximum));
        }
    }

    [Fact]
    public void Of_several_nodes_every_update_is_added_once()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var (random, expected) = (new Pcg64(seed), Initial.ToArray());
            var run = new Simulation(nodes: 3, () => new SgdMomentum(3, 0));
            for (var i = 0; i < 300; i++)
            {
                float[] gradient = [random.NextInteger(9) - 4, random.NextInteger(9) - 4, 1];
                for (var p = 0; p < 3; p++)
                    expected[p] -= 0.5f * gradient[p];
                var node = random.NextInteger(3);
                run.Nodes[node].Update(gradient, run.Nodes[node].Version, 0.5f);
                run.SendOrAnswer(random.NextInteger(3), random);
                if (i % 8 == 0)
                    run.Flush(); // or a node would miss more of the others' updates than count in full
            }
            run.Flush();
            Assert.Equal(expected, run.Learner.Parameters);
            Assert.Equal(300, run.Learner.Version);
            foreach (var node in run.Nodes)
                Assert.Equal(expected, node.Current.ToArray());
        }
    }

    [Fact]
    public void What_the_learner_has_refused_is_gone()
    {
        var node = new NodeParameters(new SgdMomentum(1, 0), Streams);
        node.Merge(Granted(0, 0, 10));
        node.Update([1], 0, 1);
        Assert.Equal([-1], node.Send(0).Change);
        node.Update([2], 1, 1);
        Assert.Equal([7], node.Current.ToArray());
        node.Merge(Granted(0, 0, 10)); // as before: the change was not added
        Assert.Equal([8], node.Current.ToArray());
        Assert.Equal(1, node.Version);
    }

    [Fact]
    public void Parameters_that_have_blown_up_are_sent_once_and_forgotten()
    {
        var node = new NodeParameters(new SgdMomentum(1, 0), Streams);
        node.Merge(Granted(0, 0, 10));
        node.Update([float.MaxValue], 0, float.MaxValue);
        Assert.False(float.IsFinite(node.Send(0).Change[0]));
        Assert.Equal([10], node.Current.ToArray());
        node.Merge(Granted(0, 5, 11));
        Assert.Equal([11], node.Current.ToArray());
    }

    [Fact]
    public void The_moments_come_with_the_first_grant_and_go_back_with_the_first_message_and_every_32nd_after_it()
    {
        var node = new NodeParameters(new SgdMomentum(1, 0.5f), Streams);
        node.Merge(Granted(0, 3, 10) with { Moments = new float[] { 4 } });
        node.Update([1], 3, 1);
        Assert.Equal([7], node.Current.ToArray()); // the momentum is 4 / 2 + 1
        var sent = Enumerable.Range(0, 65).Select(_ => node.Send(0).Moments).ToArray();
        Assert.Equal([0, 32, 64], Enumerable.Range(0, 65).Where(i => sent[i].Length > 0));
        Assert.Equal([3], sent[0]);
    }

    [Fact]
    public void Lag_on_the_node_is_counted_in_its_own_updates_and_those_that_were_merged()
    {
        var node = new NodeParameters(new SgdMomentum(1, 0), Streams);
        node.Merge(Granted(0, 0, 0));
        node.Update([1], version: 0, 1);
        node.Update([1], version: 0, 1); // one behind
        node.Merge(Granted(1, 10, 0));
        node.Update([1], version: 2, 1); // ten behind
        var sent = node.Send(0);
        Assert.Equal((10, 3, 11 / 3.0), (sent.Version, sent.Updates, sent.Lag));
    }

    private static GradientsGranted Granted(int stream, long version, float value) => new(stream, version, 0, 0, 100, 1, new[] { value }, ReadOnlyMemory<float>.Empty);

    private static float[] Gradient(ReadOnlySpan<float> parameters, float target)
    {
        var gradient = new float[parameters.Length];
        for (var p = 0; p < gradient.Length; p++)
            gradient[p] = parameters[p] - target;
        return gradient;
    }

    private static Adam NewAdam() => new Adam(Initial.Length, 1e-5f);

    /// <summary>A learner and nodes; what is sent is applied at some later time, in the order of its node, and so is the answer.</summary>
    private sealed class Simulation
    {
        private readonly Queue<(int Stream, SentChange Change)>[] toLearner;
        private readonly Queue<GradientsGranted>[] toNode;
        private readonly Queue<int>[] held;

        public Simulation(int nodes, Func<IOptimizer> makeOptimizer)
        {
            Learner = new GlobalParameters(Initial.ToArray(), makeOptimizer(), LearningRateSchedule.Constant(1), new RunSettings());
            Nodes = [.. Enumerable.Range(0, nodes).Select(_ => new NodeParameters(makeOptimizer(), Streams))];
            (toLearner, toNode, held) = (Make<(int, SentChange)>(nodes), Make<GradientsGranted>(nodes), Make<int>(nodes));
            for (var node = 0; node < nodes; node++)
                for (var stream = 0; stream < Streams; stream++)
                {
                    Nodes[node].Merge(Grant(stream));
                    held[node].Enqueue(stream);
                }
        }

        public GlobalParameters Learner { get; }

        public NodeParameters[] Nodes { get; }

        public void Update(int node, float target) => Nodes[node].Update(Gradient(Nodes[node].Current, target), Nodes[node].Version, 0.01f);

        /// <summary>One message of the node's goes on: is sent, is applied, or is answered.</summary>
        public void SendOrAnswer(int node, Pcg64 random)
        {
            switch (random.NextInteger(3))
            {
                case 0 when held[node].TryDequeue(out var stream):
                    toLearner[node].Enqueue((stream, Nodes[node].Send(stream)));
                    break;
                case 1 when toLearner[node].TryDequeue(out var sent):
                    Apply(node, sent.Stream, sent.Change);
                    break;
                case 2 when toNode[node].TryDequeue(out var granted):
                    Nodes[node].Merge(granted);
                    held[node].Enqueue(granted.Stream);
                    break;
            }
        }

        /// <summary>All that is left is sent and applied, and the nodes hear of it.</summary>
        public void Flush()
        {
            for (var round = 0; round < 3; round++)
                for (var node = 0; node < Nodes.Length; node++)
                {
                    while (toLearner[node].TryDequeue(out var sent))
                        Apply(node, sent.Stream, sent.Change);
                    while (toNode[node].TryDequeue(out var granted))
                    {
                        Nodes[node].Merge(granted);
                        held[node].Enqueue(granted.Stream);
                    }
                    while (held[node].TryDequeue(out var stream))
                        toLearner[node].Enqueue((stream, Nodes[node].Send(stream)));
                }
            for (var node = 0; node < Nodes.Length; node++)
                while (toLearner[node].TryDequeue(out var sent))
                    Apply(node, sent.Stream, sent.Change);
            for (var node = 0; node < Nodes.Length; node++)
            {
                while (toNode[node].TryDequeue(out var granted))
                    held[node].Enqueue(granted.Stream);
                for (var stream = 0; stream < Streams; stream++)
                    Nodes[node].Merge(Grant(stream));
            }
        }

        private void Apply(int node, int stream, SentChange change)
        {
            var loan = new GradientLoan(0, 0, Akka.Actor.ActorRefs.Nobody, Initial.Length) { Version = change.Version, Updates = change.Updates, LagThere = (long)change.Lag, Moments = change.Moments };
            change.Change.CopyTo(loan.Vector, 0);
            Assert.Null(Learner.Apply(loan));
            toNode[node].Enqueue(Grant(stream));
        }

        private GradientsGranted Grant(int stream) => new(stream, Learner.Version, 0, 0, 100, 1, Learner.Parameters.ToArray(), ReadOnlyMemory<float>.Empty);

        private static Queue<T>[] Make<T>(int count) => [.. Enumerable.Range(0, count).Select(_ => new Queue<T>())];
    }
}
