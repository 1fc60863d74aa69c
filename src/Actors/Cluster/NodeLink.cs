using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.ClusterRuns;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Cluster;

/// <summary>A node, beside the learner: the other end of its link. To the learner it is the node's workers, by the <see cref="LinkConversation"/> of the run's training shape.</summary>
/// <remarks>
/// <para>Parent: the cluster pool, which watches it. Supervises nobody; watches the node's agent.</para>
/// <para>In: <see cref="LinkFrame"/>, <see cref="LinkPulse"/> from the agent; <see cref="Share"/>, <see cref="Assign"/>, <see cref="Release"/>, <see cref="AdmitAgain"/> from the pool; whatever the learner tells a worker.
/// Out: the same frames and pulses, <see cref="NodeAdmitted"/>; <see cref="Report"/>, <see cref="WorkerFaulted"/> to the pool; whatever a worker tells the learner.</para>
/// <para>It stops when the node is silent for too long, is gone, leaves, or when a message was lost: the pool gives its workers to other nodes then, and the node may join anew.</para>
/// </remarks>
internal sealed class NodeLink : ReceiveActor, IWithTimers
{
    private readonly IActorRef agent;
    private readonly string name;
    private readonly string settings;
    private readonly LinkSettings links;
    private readonly TimeProvider time;
    private readonly LinkChannel channel;
    private readonly LinkConversation conversation;
    private long heardAt;
    private bool hasBegun;
    private bool isClosing;
    private string reason = "The learner begins another life, or training is over.";

    /// <summary>Pool to link: the node is to run this worker, beginning with this life.</summary>
    public sealed record Assign(int Worker, int Life);

    /// <summary>Pool to link: the node is to run this worker no more.</summary>
    public sealed record Release(int Worker);

    /// <summary>Pool to link: so many nodes work for the run now.</summary>
    public sealed record Share(int Nodes);

    /// <summary>Pool to link: the node has not heard that it is admitted.</summary>
    public sealed record AdmitAgain;

    /// <summary>Pool to link: another link takes its place.</summary>
    public sealed record Replace;

    /// <summary>Link to pool: what has come of the node so far.</summary>
    public sealed record Report(long Steps, double Lag, long Lags, long Refused);

    private sealed record Beat;

    /// <param name="label">Which link.</param>
    /// <param name="agent">The node's agent.</param>
    /// <param name="name">What reports call the node.</param>
    /// <param name="settings">The run's settings, JSON.</param>
    /// <param name="makeConversation">What depends on the training shape.</param>
    /// <param name="links">How links go.</param>
    /// <param name="time">Where time comes from.</param>
    public NodeLink(
        LinkLabel label, IActorRef agent, string name, string settings, Func<IActorRef, Action<object>, LinkConversation> makeConversation, LinkSettings links, TimeProvider time)
    {
        (this.agent, this.name, this.settings, this.links, this.time) = (agent, name, settings, links, time);
        var self = Self;
        channel = new LinkChannel(label, message => agent.Tell(message, self));
        conversation = makeConversation(self, channel.Send);
        heardAt = time.GetTimestamp();

        Receive<LinkFrame>(frame => Guarded(() =>
        {
            var message = channel.Take(frame);
            Hear(frame.Label);
            if (message is not null)
                Take(message);
        }));
        Receive<LinkPulse>(pulse => Guarded(() =>
        {
            if (channel.Take(pulse))
                Hear(pulse.Label);
        }));
        Receive<Assign>(message =>
        {
            channel.Send(new WorkerAssigned(message.Worker, message.Life));
            if (!hasBegun)
                conversation.Begin();
            hasBegun = true;
        });
        Receive<Share>(message => conversation.Share(message.Nodes));
        Receive<Release>(message => channel.Send(new WorkerReleased(message.Worker)));
        Receive<AdmitAgain>(_ => agent.Tell(new NodeAdmitted(label, settings)));
        Receive<Replace>(_ => Close("The node has joined anew.", isFault: true));
        Receive<Beat>(_ => CheckPulse());
        Receive<Terminated>(_ => Close("Its process is gone.", isFault: true));
        ReceiveAny(message =>
        {
            if (!conversation.TakeFromLearner(message))
                Unhandled(message);
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.Watch(agent);
        agent.Tell(new NodeAdmitted(channel.Label, settings));
        Timers.StartPeriodicTimer(nameof(Beat), new Beat(), links.PulseInterval);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        conversation.Close();
        channel.Send(new LinkClosed(reason));
    }

    private void Take(object message)
    {
        switch (message)
        {
            case WorkerFaultedThere fault:
                Context.Parent.Tell(new WorkerFaulted(fault.Worker, fault.Kind, $"{name}: {fault.Message}"));
                break;
            case NodeLeft:
                Close("The node leaves.", isFault: false);
                break;
            default:
                if (!conversation.TakeFromNode(message))
                    throw new LinkBrokenException($"A {message.GetType().Name} was not asked for.");
                break;
        }
    }

    private void Hear(LinkLabel label)
    {
        if (label == channel.Label)
            heardAt = time.GetTimestamp();
    }

    private void CheckPulse()
    {
        var silence = time.GetElapsedTime(heardAt);
        if (silence > links.NodeTimeout)
        {
            Close($"It was silent for {silence.TotalSeconds:0.#} s.", isFault: true);
            return;
        }
        channel.Pulse();
        Context.Parent.Tell(new Report(conversation.Steps, conversation.Lag, conversation.Lags, channel.Refused));
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (LinkBrokenException broken)
        {
            Close($"Its link broke. {broken.Message}", isFault: true);
        }
    }

    private void Close(string why, bool isFault)
    {
        if (isClosing)
            return;
        (isClosing, reason) = (true, why);
        if (isFault)
            Context.Parent.Tell(new WorkerFaulted(-1, FaultKind.Node, $"Node {name} is lost: {why} Its open rollouts are lost; its workers go to other nodes."));
        Context.Stop(Self);
    }
}
