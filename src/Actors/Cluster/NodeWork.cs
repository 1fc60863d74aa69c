using Akka.Actor;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Cluster;

/// <summary>A node's share of a run, for as long as one link lasts: the workers that it was given, and the stand-in of the learner that they talk to.</summary>
/// <remarks>
/// <para>Parent: the node's agent, which passes on what the link says. Supervises the stand-in, and a <see cref="WorkerPool"/> for each worker.</para>
/// <para>In: <see cref="WorkerAssigned"/>, <see cref="WorkerReleased"/>, and what is for the stand-in; <see cref="WorkerFaulted"/> from pools. Out: <see cref="WorkerFaultedThere"/>, <see cref="Failed"/> to the agent.</para>
/// </remarks>
internal sealed class NodeWork : ReceiveActor
{
    private readonly IActorRef agent;
    private readonly IActorRef standIn;
    private readonly Func<int, int, Props> makeWorker;
    private readonly Dictionary<int, IActorRef> pools = [];

    /// <summary>Work to agent: something other than a worker threw; the link is of no more use.</summary>
    public sealed record Failed(string Reason);

    /// <param name="plan">The run.</param>
    /// <param name="incarnation">Which life of the learner.</param>
    /// <param name="agent">Who talks to the link.</param>
    /// <param name="time">Where time comes from.</param>
    public NodeWork(RunPlan plan, long incarnation, IActorRef agent, TimeProvider time)
    {
        this.agent = agent;
        var shape = plan.Algorithm.MakeShape(plan, new EvaluationHistory(plan.Env.SolvedAt), new RunClock(time));
        shape.Incarnation = incarnation;
        standIn = shape.StartStandIn(Context, agent);
        makeWorker = shape.WorkerOf(standIn);
        var faults = plan.Settings.Faults;

        Receive<WorkerAssigned>(message =>
        {
            var (numbers, life) = (new[] { message.Worker }, message.Life);
            pools[message.Worker] = Context.ActorOf(Props.Create(() => new WorkerPool(numbers, makeWorker, faults, time, _ => life)), $"worker-{message.Worker}-{life}");
        });
        Receive<WorkerReleased>(message =>
        {
            if (pools.Remove(message.Worker, out var pool))
                Context.Stop(pool);
            standIn.Tell(message);
        });
        Receive<WorkerFaulted>(fault => agent.Tell(new WorkerFaultedThere(fault.Worker, fault.Kind, fault.Message)));
        ReceiveAny(message => standIn.Tell(message));
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new StopAndReport((child, cause) =>
    {
        agent.Tell(new Failed($"{child.Path.Name} threw {FaultCause.Of(cause).Message}"));
        return false;
    });
}
