using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Gradients;
using static AkkaRL.Actors.Protocol.Targets;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// The parameter server, as a node's workers know it: keeps the parameters for all of them, updates them by their gradients, shares out the env steps of
/// a grant, and sends what has changed by its end.
/// </summary>
/// <remarks>
/// <para>Parent: the node's work. Supervises nobody.</para>
/// <para>In: <see cref="AttachWorker"/>, <see cref="ApplyGradient"/> from workers; <see cref="GradientsGranted"/>, <see cref="TargetMovedThere"/>, <see cref="WorkerReleased"/> from the link.
/// Out: <see cref="RolloutGranted"/> to workers; <see cref="UpdatesMade"/>, <see cref="WorkerAttached"/>, <see cref="WorkerFaultedThere"/> to the agent; <see cref="MoveTarget"/> to the node's target network.</para>
/// <para>A grant is closed at the first gradient after the next has come, and sent when all its rollouts are back, while workers go on with the next: what they
/// finish during one round trip is combined, be it one rollout or many, and nobody waits. They act with what all of the node's gradients have made of the parameters
/// so far, whichever grant those were of.</para>
/// <para>Runs on its workers' threads, as the parameter server does (<see cref="Training.CallerDispatcher"/>).</para>
/// </remarks>
internal sealed class GradientStandIn : ReceiveActor
{
    private readonly IActorRef agent;
    private readonly long incarnation;
    private readonly int rolloutSteps;
    private readonly NodeParameters parameters;
    private readonly Dictionary<int, Seat> seats = [];
    private NodeGrant? current;
    private NodeGrant? next;

    /// <summary>A worker's place: its loan while it waits here, and what it has been given while it does not.</summary>
    private sealed class Seat(GradientLoan loan)
    {
        public readonly GradientLoan Loan = loan;
        public readonly RolloutGranted Message = new(loan);
        public NodeGrant? Grant;
        public int Given;
    }

    /// <param name="agent">Who talks to the link.</param>
    /// <param name="target">The node's target network; null for an algorithm without.</param>
    /// <param name="incarnation">The learner's life.</param>
    /// <param name="rolloutSteps">t_max.</param>
    /// <param name="parameters">θ, as the node has it.</param>
    public GradientStandIn(IActorRef agent, IActorRef? target, long incarnation, int rolloutSteps, NodeParameters parameters)
    {
        (this.agent, this.incarnation, this.rolloutSteps, this.parameters) = (agent, incarnation, rolloutSteps, parameters);
        Receive<ApplyGradient>(message => Take(message.Loan));
        Receive<AttachWorker>(message => Attach(message.Loan));
        Receive<GradientsGranted>(message =>
        {
            parameters.Merge(message);
            Take(new NodeGrant(message));
        });
        Receive<TargetMovedThere>(message => target!.Tell(new MoveTarget(incarnation, new TargetParameters(message.Version, message.Parameters))));
        Receive<WorkerReleased>(message => Release(message.Worker));
    }

    private void Attach(GradientLoan loan)
    {
        Release(loan.Worker);
        var seat = seats[loan.Worker] = new Seat(loan);
        agent.Tell(new WorkerAttached(loan.Worker, loan.Life));
        Give(seat);
    }

    /// <summary>A worker's life is over: the steps of its open rollout are there again.</summary>
    private void Release(int worker)
    {
        if (seats.Remove(worker, out var seat) && seat.Grant is { } grant)
        {
            grant.Return(seat.Given);
            Settle(grant);
            GiveAll();
        }
    }

    private void Take(NodeGrant grant)
    {
        if (current is null)
            current = grant;
        else
            next = grant;
        GiveAll();
    }

    private void Take(GradientLoan loan)
    {
        if (!seats.TryGetValue(loan.Worker, out var seat) || seat.Loan != loan || seat.Grant is not { } grant)
            return; // of a former life
        if (double.IsFinite(loan.Losses.GradientNorm))
        {
            parameters.Update(loan.Vector, loan.Version, grant.Granted.LearningRate);
            grant.Add(loan, seat.Given);
        }
        else
        {
            grant.Return(seat.Given);
            agent.Tell(new WorkerFaultedThere(
                loan.Worker, FaultKind.NonFiniteGradient, "Its gradient was not finite; it is refused, its env steps are made again with fresh parameters."));
        }
        seat.Grant = null;
        if (next is not null && current!.HasGradients)
            Close();
        Settle(grant);
        Give(seat);
    }

    /// <summary>Workers go on with the next grant.</summary>
    private void Close()
    {
        var closed = current!;
        (current, next) = (next, null);
        Settle(closed);
        GiveAll();
    }

    /// <summary>Sends a grant that nobody works on any more and that is closed or used up; one of which nothing came is used again.</summary>
    private void Settle(NodeGrant grant)
    {
        if (grant.IsSent || grant.Out > 0 || (grant == current && grant.Remaining > 0) || grant == next)
            return;
        if (!grant.HasGradients)
        {
            // Its only rollouts were lost.
            if (current is null)
                current = grant;
            else
                next = grant;
            return;
        }
        if (grant == current)
            (current, next) = (next, null);
        agent.Tell(grant.Combine(parameters.Send(grant.Granted.Stream, grant.Granted.Precision)));
    }

    private void GiveAll()
    {
        foreach (var seat in seats.Values)
            if (seat.Grant is null)
                Give(seat);
    }

    private void Give(Seat seat)
    {
        if (next is not null && current!.Remaining < rolloutSteps && (current.HasGradients || current.Out > 0))
            Close();
        if (current is not { Remaining: > 0 } grant || seat.Grant is not null)
            return;
        var (loan, granted) = (seat.Loan, grant.Granted);
        (seat.Grant, seat.Given) = (grant, grant.Take(rolloutSteps));
        parameters.Current.CopyTo(loan.Vector);
        (loan.Version, loan.Steps, loan.Episode, loan.Incarnation) = (parameters.Version, seat.Given, null, incarnation);
        (loan.TargetVersion, loan.GlobalStep) = (granted.TargetVersion, granted.GlobalStep);
        loan.Holder.Tell(seat.Message);
    }
}
