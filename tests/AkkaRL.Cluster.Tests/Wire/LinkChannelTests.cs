using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Cluster.Tests.Wire;

/// <summary>Two sides of a link, and a wire between them that a test may cut.</summary>
public class LinkChannelTests
{
    private static readonly LinkLabel Label = new("run", 1, 1);

    private readonly Queue<object> there = new();
    private readonly Queue<object> back = new();
    private readonly LinkChannel near;
    private readonly LinkChannel far;

    public LinkChannelTests()
    {
        near = new LinkChannel(Label, there.Enqueue);
        far = new LinkChannel(Label, back.Enqueue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16_000)]
    [InlineData(16_384)]
    [InlineData(100_003)]
    [InlineData(1_750_000)]
    public void A_vector_of_any_size_arrives_as_it_was(int length)
    {
        var vector = Enumerable.Range(0, length).Select(i => (float)i).ToArray();
        near.Send(new ParametersMoved(vector));
        var arrived = Assert.IsType<ParametersMoved>(Assert.Single(DeliverAll()));
        Assert.Equal(vector, arrived.Parameters.ToArray());
    }

    [Fact]
    public void Messages_arrive_in_order_large_ones_too()
    {
        near.Send(new StepsWanted(0, 0, 1, 1));
        near.Send(new ParametersMoved(new float[300_000]));
        near.Send(new StepsWanted(0, 0, 2, 1));
        Assert.Equal([typeof(StepsWanted), typeof(ParametersMoved), typeof(StepsWanted)], DeliverAll().Select(message => message.GetType()));
    }

    [Fact]
    public void No_more_parts_than_the_window_are_on_their_way_and_none_is_larger_than_a_frame()
    {
        near.Send(new ParametersMoved(new float[1_000_000]));
        Assert.Equal(LinkChannel.Window, there.Count);
        Assert.All(there.Cast<LinkFrame>(), frame => Assert.InRange(frame.Content.Length, 1, LinkChannel.PartSize));
    }

    [Fact]
    public void A_pulse_goes_past_a_large_message()
    {
        near.Send(new ParametersMoved(new float[1_000_000]));
        near.Pulse();
        Assert.IsType<LinkPulse>(there.Last());
        Assert.Equal(LinkChannel.Window + 1, there.Count);
    }

    [Fact]
    public void What_is_sent_may_change_at_once()
    {
        var vector = new float[] { 1, 2 };
        near.Send(new ParametersMoved(vector));
        vector[0] = 9;
        Assert.Equal([1, 2], Assert.IsType<ParametersMoved>(Assert.Single(DeliverAll())).Parameters.ToArray());
    }

    [Fact]
    public void A_message_that_is_lost_breaks_the_link_when_the_next_comes()
    {
        near.Send(new StepsWanted(0, 0, 1, 1));
        near.Send(new StepsWanted(0, 0, 2, 1));
        there.Dequeue();
        Assert.Throws<LinkBrokenException>(() => DeliverAll());
    }

    [Fact]
    public void A_message_that_is_lost_breaks_the_link_when_a_pulse_comes()
    {
        near.Send(new StepsWanted(0, 0, 1, 1));
        there.Dequeue();
        near.Pulse();
        Assert.Throws<LinkBrokenException>(() => DeliverAll());
    }

    [Fact]
    public void A_part_that_is_lost_breaks_the_link()
    {
        near.Send(new ParametersMoved(new float[1_000_000]));
        there.Dequeue();
        Assert.Throws<LinkBrokenException>(() => DeliverAll());
    }

    [Fact]
    public void A_lost_acknowledgement_is_made_up_for_by_a_pulse()
    {
        near.Send(new ParametersMoved(new float[1_000_000]));
        for (var i = 0; i < LinkChannel.Window; i++)
            far.Take((LinkFrame)there.Dequeue());
        back.Clear();
        far.Pulse();
        Assert.IsType<ParametersMoved>(Assert.Single(DeliverAll()));
    }

    [Theory]
    [InlineData("run", 0, 1)]
    [InlineData("run", 2, 1)]
    [InlineData("run", 1, 2)]
    [InlineData("another", 1, 1)]
    public void What_is_of_another_run_life_or_link_is_refused_and_counted(string runId, long incarnation, long link)
    {
        var label = new LinkLabel(runId, incarnation, link);
        Assert.Null(far.Take(new LinkFrame(label, 1, "left", 6, new byte[6])));
        Assert.False(far.Take(new LinkPulse(label, 7, 0)));
        Assert.Equal(2, far.Refused);
        near.Send(new NodeLeft());
        Assert.IsType<NodeLeft>(Assert.Single(DeliverAll()));
    }

    [Fact]
    public void A_part_that_promises_too_much_costs_nothing_and_breaks_the_link()
    {
        var frame = new LinkFrame(Label, 1, "parameters", long.MaxValue, new byte[10]);
        Assert.Throws<LinkBrokenException>(() => far.Take(frame));
    }

    [Fact]
    public void A_message_that_cannot_be_read_breaks_the_link() =>
        Assert.Throws<LinkBrokenException>(() => far.Take(new LinkFrame(Label, 1, "parameters", 3, new byte[3])));

    /// <summary>Delivers all that is on its way, both ways, until nothing is.</summary>
    private List<object> DeliverAll()
    {
        var arrived = new List<object>();
        while (there.Count + back.Count > 0)
        {
            if (there.TryDequeue(out var forth))
                if (forth is LinkFrame frame)
                    arrived.AddRange(far.Take(frame) is { } message ? [message] : []);
                else
                    far.Take((LinkPulse)forth);
            if (back.TryDequeue(out var answer))
                near.Take((LinkPulse)answer);
        }
        return arrived;
    }
}
