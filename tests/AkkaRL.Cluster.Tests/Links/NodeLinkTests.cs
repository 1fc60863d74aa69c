using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.ClusterRuns;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Cluster.Tests.Links;

/// <summary>One link, between a probe for the node's agent and one for the pool.</summary>
public sealed class NodeLinkTests : TestKit
{
    private static readonly LinkLabel Label = new("run", 3, 1);

    private readonly TestProbe agent;
    private readonly TestProbe pool;

    public NodeLinkTests() : base("akka.loglevel = WARNING\nakka.test.single-expect-default = 20s") => (agent, pool) = (CreateTestProbe(), CreateTestProbe());

    [Fact]
    public void A_node_that_is_silent_is_lost()
    {
        var link = Start(TimeSpan.FromMilliseconds(300));
        pool.Watch(link);
        Assert.Equal((FaultKind.Node, -1), (Lost() is var fault ? (fault.Kind, fault.Worker) : default));
        pool.FishForMessage<Terminated>(_ => true);
    }

    [Fact]
    public void A_node_whose_process_is_gone_is_lost_at_once()
    {
        Start();
        Sys.Stop(agent);
        Assert.Equal(FaultKind.Node, Lost().Kind);
    }

    [Fact]
    public void A_message_of_a_former_life_of_the_learner_is_refused_and_counted()
    {
        var link = Start();
        var stale = new LinkChannel(Label with { Incarnation = 2 }, message => link.Tell(message, agent));
        stale.Send(new NodeLeft());
        pool.FishForMessage<NodeLink.Report>(report => report.Refused == 1);
        // It goes on as if nothing had been.
        new LinkChannel(Label, message => link.Tell(message, agent)).Send(new NodeLeft());
        pool.Watch(link);
        pool.FishForMessage<Terminated>(_ => true);
    }

    [Fact]
    public void A_link_that_has_lost_a_message_is_closed_and_says_so()
    {
        var link = Start();
        link.Tell(new LinkFrame(Label, 2, "left", 6, new byte[6]), agent);
        Assert.Contains("Message 1 is lost", Lost().Message, StringComparison.Ordinal);
        agent.FishForMessage<LinkFrame>(frame => frame.Manifest == "closed");
    }

    [Fact]
    public void Nothing_that_was_not_asked_for_is_taken()
    {
        var link = Start();
        new LinkChannel(Label, message => link.Tell(message, agent)).Send(new StepsWanted(0, 0, 0, 1));
        Assert.Contains("was not asked for", Lost().Message, StringComparison.Ordinal);
    }

    private WorkerFaulted Lost() => (WorkerFaulted)pool.FishForMessage(message => message is WorkerFaulted);

    private IActorRef Start(TimeSpan? timeout = null)
    {
        var (node, settings) = ((IActorRef)agent, new LinkSettings { PulseInterval = TimeSpan.FromMilliseconds(50), NodeTimeout = timeout ?? TimeSpan.FromMinutes(1) });
        Func<IActorRef, Action<object>, LinkConversation> silent = (_, _) => new Silent();
        var link = pool.ChildActorOf(Props.Create(() => new NodeLink(Label, node, "node-1", "{}", silent, settings, TimeProvider.System)));
        Assert.Equal(Label, agent.ExpectMsg<NodeAdmitted>().Label);
        return link;
    }

    private sealed class Silent : LinkConversation
    {
        public override bool TakeFromLearner(object message) => false;

        public override bool TakeFromNode(object message) => false;
    }
}
