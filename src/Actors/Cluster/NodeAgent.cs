using Akka.Actor;
using Akka.Event;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Actors.Cluster;

/// <summary>A worker node: looks for the learner, works for it for as long as their link lasts, and looks anew when it does not.</summary>
/// <remarks>
/// <para>Parent: /user. Supervises a <see cref="NodeWork"/> for each link; watches the link.</para>
/// <para>In: <see cref="NodeAdmitted"/>, <see cref="JoinRefused"/>, <see cref="RunEnded"/>, <see cref="LinkFrame"/>, <see cref="LinkPulse"/> from the learner's side; <see cref="Leave"/> from whoever started it; what is for the
/// link from its work. Out: <see cref="JoinRun"/> to the learner, frames and pulses to the link.</para>
/// <para>Nothing is kept for a learner that is gone: with the link everything that was made for it is dropped, and its env steps are granted anew.</para>
/// </remarks>
internal sealed class NodeAgent : ReceiveActor, IWithTimers
{
    private readonly JoinRun join;
    private readonly LinkSettings links;
    private readonly Func<RunSettings, RunPlan> makePlan;
    private readonly Func<IActorRef> findLearner;
    private readonly TaskCompletionSource<string> completion;
    private readonly TimeProvider time;
    private readonly NodeFigures figures;
    private long attempts;
    private long soughtAt;
    private bool hasWarned;
    private IActorRef link = ActorRefs.Nobody;
    private LinkChannel? channel;
    private IActorRef work = ActorRefs.Nobody;
    private long heardAt;

    /// <summary>To the agent: this node leaves.</summary>
    public sealed record Leave;

    private sealed record Beat;

    /// <summary>A node says so when it has looked for its learner for this long: longer than a failover takes.</summary>
    private static readonly TimeSpan SeekPatience = TimeSpan.FromSeconds(30);

    /// <param name="node">What the node offers.</param>
    /// <param name="links">How links go.</param>
    /// <param name="makePlan">The run of its settings, for this node.</param>
    /// <param name="findLearner">A way to the learner, wherever it is.</param>
    /// <param name="completion">Receives why the run ended.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="figures">Receives what the node has done.</param>
    public NodeAgent(
        NodeSettings node, LinkSettings links, Func<RunSettings, RunPlan> makePlan, Func<IActorRef> findLearner, TaskCompletionSource<string> completion, TimeProvider time,
        NodeFigures figures)
    {
        (this.links, this.makePlan, this.findLearner, this.completion, this.time, this.figures) = (links, makePlan, findLearner, completion, time, figures);
        join = new JoinRun(node.Name, node.Workers > 0 ? node.Workers : Environment.ProcessorCount, ClusterRun.SoftwareVersion, node.RunId ?? "", 0);

        Receive<LinkFrame>(frame => Guarded(() =>
        {
            figures.CountTaken(frame.Content.Length);
            if (channel!.Take(frame) is { } message)
                Take(message);
            Hear(frame.Label);
        }));
        Receive<LinkPulse>(pulse => Guarded(() =>
        {
            channel!.Take(pulse);
            Hear(pulse.Label);
        }));
        Receive<NodeAdmitted>(Begin);
        Receive<JoinRefused>(message => End(new NodeRefusedException(message.Reason)));
        Receive<RunEnded>(message =>
        {
            Drop();
            completion.TrySetResult(message.Reason);
        });
        Receive<Leave>(_ =>
        {
            channel?.Send(new NodeLeft());
            Drop();
            completion.TrySetResult(StopReasons.Stopped);
        });
        Receive<NodeWork.Failed>(message =>
        {
            if (!IsOfThisWork)
                return;
            channel!.Send(new WorkerFaultedThere(-1, FaultKind.Worker, message.Reason));
            channel.Send(new NodeLeft());
            Seek();
        });
        Receive<Beat>(_ => CheckPulse());
        Receive<Terminated>(message =>
        {
            if (message.ActorRef.Equals(link))
                Seek();
        });
        // What the node's work has to say to the link; not what that of a former link still says.
        ReceiveAny(message =>
        {
            if (!IsOfThisWork)
                return;
            figures.Say(message);
            channel!.Send(message);
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private bool IsOfThisWork => channel is not null && (Sender.Equals(work) || Sender.Path.Parent.Equals(work.Path));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Beat), new Beat(), links.PulseInterval);
        Seek();
    }

    /// <summary>Drops what was done for a former link, and looks for the learner.</summary>
    private void Seek()
    {
        Drop();
        if (completion.Task.IsCompleted)
            return;
        attempts++;
        (soughtAt, hasWarned) = (time.GetTimestamp(), false);
        Ask();
    }

    private void Ask() => findLearner().Tell(join with { Attempt = attempts });

    private void WarnIfLong()
    {
        if (hasWarned || time.GetElapsedTime(soughtAt) <= SeekPatience)
            return;
        hasWarned = true;
        Context.GetLogger().Warning(
            "No learner has answered for {0:0} s: no node may have it, or it has as many nodes as workers. This node goes on asking.", SeekPatience.TotalSeconds);
    }

    private void Drop()
    {
        if (channel is null)
            return;
        channel = null;
        figures.Part();
        Context.Unwatch(link);
        Context.Stop(work);
    }

    private void Begin(NodeAdmitted admitted)
    {
        if (completion.Task.IsCompleted || admitted.Label == channel?.Label || (channel is not null && IsOlder(admitted.Label, channel.Label)))
            return;
        Drop();
        RunPlan plan;
        try
        {
            plan = makePlan(WireSettings.Read(admitted.Settings));
        }
        catch (Exception refusal)
        {
            new LinkChannel(admitted.Label, message => Sender.Tell(message)).Send(new NodeLeft());
            End(new NodeRefusedException($"This node cannot work for the run. {refusal.Message}", refusal));
            return;
        }
        var (self, clock, incarnation) = (Self, time, admitted.Label.Incarnation);
        link = Context.Watch(Sender);
        channel = new LinkChannel(admitted.Label, message =>
        {
            if (message is LinkFrame frame)
                figures.CountSent(frame.Content.Length);
            link.Tell(message, self);
        });
        work = Context.ActorOf(Props.Create(() => new NodeWork(plan, incarnation, self, clock)), $"work-{incarnation}-{admitted.Label.Link}");
        heardAt = time.GetTimestamp();
        figures.Admit();
    }

    private static bool IsOlder(LinkLabel one, LinkLabel other) => one.RunId == other.RunId && (one.Incarnation, one.Link).CompareTo((other.Incarnation, other.Link)) < 0;

    private void Take(object message)
    {
        if (message is LinkClosed)
        {
            Seek();
            return;
        }
        figures.Hear(message);
        work.Tell(message);
    }

    private void Hear(LinkLabel label)
    {
        if (label == channel?.Label)
            heardAt = time.GetTimestamp();
    }

    private void CheckPulse()
    {
        if (completion.Task.IsCompleted)
            return;
        if (channel is null)
        {
            Ask();
            WarnIfLong();
        }
        else if (time.GetElapsedTime(heardAt) > links.NodeTimeout)
            Seek();
        else
            channel.Pulse();
    }

    private void Guarded(Action action)
    {
        if (channel is null)
            return;
        try
        {
            action();
        }
        catch (LinkBrokenException)
        {
            Seek();
        }
    }

    private void End(Exception why)
    {
        Drop();
        completion.TrySetException(why);
    }
}
