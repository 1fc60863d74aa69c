using System.Runtime.Serialization;
using System.Reflection;
using Akka.Actor;
using Akka.Configuration;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Cluster.Tests.Wire;

/// <summary>Every message of the wire's protocols, through the serializer that the actor system is configured with.</summary>
public sealed class WireRoundTripTests : IAsyncLifetime
{
    private static readonly LinkLabel Label = new("run-7", 3, 12);

    private static readonly float[] Vector = [1.5f, -2, float.MaxValue, 0];

    /// <summary>More than a block, and each value a multiple of the block's scale: what a node sends is rounded already.</summary>
    private static readonly float[] Rounded = [.. Enumerable.Range(0, 300).Select(i => (i % 20 == 0 ? -127 : i % 20) / 16f)];

    private static readonly FinishedEpisode[] Episodes = [new(12.5, 12), new(-3, 4)];

    /// <summary>One of each, and of those that may be rounded one at each precision.</summary>
    internal static readonly object[] Samples =
    [
        new JoinRun("node-1", 4, "0.1.0", "run-7", 9),
        new NodeAdmitted(Label, "{\"Seed\":1}"),
        new JoinRefused("another version"),
        new RunEnded("run-7", StopReasons.Completed, ""),
        new DescribeRun(),
        new RunDescribed("run-7", 3, 1_000, 2_000, -1, [new NodeDescribed("node-1", "10.0.0.1:4053", 4, 123.5, 1.25, 7)]),
        new LinkFrame(Label, 5, "gradients", 3, new byte[] { 1, 2, 3 }),
        new LinkPulse(Label, 5, 2),
        new LinkClosed("silent"),
        new NodeLeft(),
        new WorkerAssigned(3, 65_536),
        new WorkerReleased(3),
        new WorkerAttached(3, 65_537),
        new WorkerFaultedThere(3, FaultKind.Environment, "the simulator broke"),
        new ParametersMoved(Vector),
        new GradientsGranted(1, 8, 2, 1_000, 160, 0.002f, Vector, Vector, GradientPrecision.EightBit),
        new TargetMovedThere(2, Vector),
        new UpdatesMade(1, 8, 5, 1.25, 25, new(0.5, 1.5, 0.25, 2), Episodes, Vector, Array.Empty<float>()),
        new UpdatesMade(1, 8, 5, 1.25, 25, new(0.5, 1.5, 0.25, 2), Episodes, Rounded, Vector, GradientPrecision.Half),
        new UpdatesMade(1, 8, 5, 1.25, 25, new(0.5, 1.5, 0.25, 2), Episodes, Rounded, Vector, GradientPrecision.EightBit),
        new RolloutWanted(3, 65_537, 8, [5, 5]),
        new RolloutMade(3, 65_537, 8, [1, 1], new byte[] { 1, 2 }, Episodes, [Vector, Vector, Array.Empty<float>()]),
        new StepsWanted(3, 65_537, 1_000, 8),
        new TransitionsMade(3, 65_537, 2, Episodes, [Vector, Vector]),
    ];

    private readonly ActorSystem system = ActorSystem.Create("wire", ConfigurationFactory.ParseString(
        """
        akka {
          actor.provider = remote
          loglevel = ERROR
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        }
        """).WithFallback(ClusterRun.ActorSystemConfig(null)));

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => system.Terminate();

    [Fact]
    public void Every_message_of_the_protocols_has_a_sample_here_and_its_place_on_the_wire()
    {
        var protocol = new[] { typeof(ClusterRuns), typeof(ClusterLinks) }.SelectMany(type => type.GetNestedTypes(BindingFlags.Public)).ToHashSet();
        Assert.Equal(protocol, Samples.Select(sample => sample.GetType()).ToHashSet());
        Assert.Equal(protocol, WireFormat.Types.ToHashSet());
    }

    [Fact]
    public void Every_message_comes_back_as_it_was()
    {
        foreach (var sample in Samples)
        {
            var serializer = Assert.IsType<WireSerializer>(system.Serialization.FindSerializerFor(sample));
            var back = system.Serialization.Deserialize(serializer.ToBinary(sample), serializer.Identifier, serializer.Manifest(sample));
            Assert.Equal(sample.GetType(), back.GetType());
            Assert.Equal(Shown(sample), Shown(back));
        }
    }

    [Fact]
    public void What_is_not_registered_is_not_serialized()
    {
        Assert.ThrowsAny<Exception>(() => system.Serialization.FindSerializerFor(new Unregistered("x")));
        Assert.ThrowsAny<Exception>(() => system.Serialization.FindSerializerFor(new Gradients.AttachWorker(new GradientLoan(0, 0, ActorRefs.Nobody, 1))));
    }

    [Fact]
    public void What_has_no_serializer_of_its_own_is_neither_written_nor_read()
    {
        var serializer = system.Serialization.FindSerializerForType(typeof(object));
        Assert.Throws<SerializationException>(() => serializer.ToBinary(new object()));
        Assert.Throws<SerializationException>(() => system.Serialization.Deserialize([1, 2, 3], serializerId: 1, typeof(object)));
    }

    /// <summary>All that a message holds, its vectors too.</summary>
    private static string Shown(object? value) => value switch
    {
        null => "null",
        string text => text,
        ReadOnlyMemory<float> vector => $"[{string.Join(' ', vector.ToArray())}]",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        System.Collections.IEnumerable items => $"[{string.Join(' ', items.Cast<object>().Select(Shown))}]",
        _ when value.GetType().Namespace!.StartsWith("AkkaRL", StringComparison.Ordinal) && !value.GetType().IsEnum =>
            string.Join(", ", value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract").Select(property => $"{property.Name} = {Shown(property.GetValue(value))}")),
        _ => value.ToString()!,
    };

    private sealed record Unregistered(string Text);
}
