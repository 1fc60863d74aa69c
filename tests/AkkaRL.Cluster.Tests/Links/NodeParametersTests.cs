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

    /// <summary>What the rounding loses is at the node, and what it acts with is never rounded: alone, it learns as without.</summary>
    [Theory]
    [InlineData(GradientPrecision.Full)]
    [InlineData(GradientPrecision.Half)]
    [InlineData(GradientPrecision.EightBit)]
    public void At_any_precision_a_node_alone_acts_with_what_updates_in_turn_make(GradientPrecision precision)
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var (random, expected, optimizer) = (new Pcg64(seed), Initial.ToArray(), NewAdam());
            var run = new Simulation(nodes: 1, NewAdam) { Precision = precision };
            for (var i = 0; i < 200; i++)
            {
                var target = (float)random.NextUniform(-3, 3);
                optimizer.Update(expected, Gradient(expected, target), 0.01f);
                run.Update(0, target);
                run.SendOrAnswer(0, random);
                for (var p = 0; p < expected.Length; p++)
                    Assert.Equal(expected[p], run.Nodes[0].Current[p], 1e-4f);
            }
        }
    }

    /// <summary>Without error feedback the differences would add up, over hundreds of messages, to many steps of the rounding.</summary>
    [Theory]
    [InlineData(GradientPrecision.Half)]
    [InlineData(GradientPrecision.EightBit)]
    public void What_was_sent_adds_up_to_what_has_changed_but_for_one_rounding(GradientPrecision precision)
    {
        const int Count = 700;
        var random = new Pcg64(5);
        var node = new NodeParameters(new SgdMomentum(Count, 0), Streams);
        node.Merge(new GradientsGranted(0, 0, 0, 0, 100, 1, new float[Count], ReadOnlyMemory<float>.Empty));
        var (exact, sum) = (new double[Count], new double[Count]);
        for (var message = 0; message < 300; message++)
        {
            for (var update = random.NextInteger(4); update > 0; update--)
            {
                var gradient = Enumerable.Range(0, Count).Select(p => (float)random.NextUniform(-1, 1) * (p % 7 + 1)).ToArray();
                node.Update(gradient, node.Version, 0.01f);
                for (var p = 0; p < Count; p++)
                    exact[p] -= 0.01 * gradient[p];
            }
            var sent = node.Send(message % Streams, precision).Change;
            for (var p = 0; p < Count; p++)
                sum[p] += sent[p];
            // Half a step: of eight bits a 127th of the block's largest, of half 2^-11 of the value.
            var largest = sent.Max(Math.Abs);
            for (var p = 0; p < Count; p++)
                Assert.InRange(Math.Abs(exact[p] - sum[p]), 0, (precision == GradientPrecision.Half ? largest / 2048 : largest / 127 / 2) * 1.01 + 1e-5);
        }
    }

    [Fact]
    public void A_change_below_the_rounding_s_step_gets_through_in_time()
    {
        var node = new NodeParameters(new SgdMomentum(2, 0), Streams);
        node.Merge(new GradientsGranted(0, 0, 0, 0, 100, 1, new float[2], ReadOnlyMemory<float>.Empty));
        var (sum, silent) = (0.0, 0);
        for (var message = 0; message < 1_000; message++)
        {
            // A 127th of 1 is the step; the other parameter changes by an eighth of that each time.
            node.Update([1, 0.001f], node.Version, message % 2 == 0 ? 1 : -1);
            node.Update([0, 0.001f], node.Version, message % 2 == 0 ? 0 : 2);
            var sent = node.Send(message % Streams, GradientPrecision.EightBit).Change;
            silent += sent[1] == 0 ? 1 : 0;
            sum += sent[1];
        }
        Assert.InRange(silent, 500, 999); // mostly it is rounded to nothing
        Assert.Equal(-1, sum, 1.0 / 127);
    }

    [Fact]
    public void Of_several_nodes_that_round_every_update_is_added_once()
    {
        var run = new Simulation(nodes: 3, () => new SgdMomentum(3, 0)) { Precision = GradientPrecision.EightBit };
        var (random, expected) = (new Pcg64(3), Initial.ToArray());
        for (var i = 0; i < 300; i++)
        {
            float[] gradient = [(float)random.NextUniform(-1, 1), (float)random.NextUniform(-1, 1), 0.5f];
            for (var p = 0; p < 3; p++)
                expected[p] -= 0.1f * gradient[p];
            var node = random.NextInteger(3);
            run.Nodes[node].Update(gradient, run.Nodes[node].Version, 0.1f);
            run.SendOrAnswer(random.NextInteger(3), random);
            if (i % 8 == 0)
                run.Flush();
        }
        run.Flush();
        run.Flush(); // takes what the last rounding lost along, but for what that of this one loses
        for (var p = 0; p < 3; p++)
            Assert.Equal(expected[p], run.Learner.Parameters[p], 3 * 1.0 / 127 / 100);
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

    [Theory]
    [InlineData(GradientPrecision.Full)]
    [InlineData(GradientPrecision.Half)]
    [InlineData(GradientPrecision.EightBit)]
    public void Parameters_that_have_blown_up_are_sent_once_and_forgotten(GradientPrecision precision)
    {
        var node = new NodeParameters(new SgdMomentum(1, 0), Streams);
        node.Merge(Granted(0, 0, 10));
        node.Update([float.MaxValue], 0, float.MaxValue);
        Assert.False(float.IsFinite(node.Send(0, precision).Change[0]));
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

        public GradientPrecision Precision { get; init; }

        public GlobalParameters Learner { get; }

        public NodeParameters[] Nodes { get; }

        public void Update(int node, float target) => Nodes[node].Update(Gradient(Nodes[node].Current, target), Nodes[node].Version, 0.01f);

        /// <summary>One message of the node's goes on: is sent, is applied, or is answered.</summary>
        public void SendOrAnswer(int node, Pcg64 random)
        {
            switch (random.NextInteger(3))
            {
                case 0 when held[node].TryDequeue(out var stream):
                    toLearner[node].Enqueue((stream, Nodes[node].Send(stream, Precision)));
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
                        toLearner[node].Enqueue((stream, Nodes[node].Send(stream, Precision)));
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
