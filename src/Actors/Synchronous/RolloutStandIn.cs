using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Rollouts;

namespace AkkaRL.Actors.Synchronous;

/// <summary>The learner of the synchronous shape, as a node's workers know it: keeps the parameters for all of them, and passes rollouts on.</summary>
/// <remarks>
/// <para>Parent: the node's work. Supervises nobody.</para>
/// <para>In: <see cref="AttachRolloutWorker"/>, <see cref="RolloutCollected"/> from workers; <see cref="ParametersMoved"/>, <see cref="RolloutWanted"/>, <see cref="WorkerReleased"/> from the link.
/// Out: <see cref="CollectRollout"/> to workers; <see cref="WorkerAttached"/>, <see cref="RolloutMade"/> to the agent.</para>
/// </remarks>
internal sealed class RolloutStandIn : ReceiveActor
{
    private readonly Dictionary<int, RolloutLoan> loans = [];
    private ReadOnlyMemory<float> parameters;

    /// <param name="agent">Who talks to the link.</param>
    public RolloutStandIn(IActorRef agent)
    {
        Receive<AttachRolloutWorker>(message =>
        {
            loans[message.Loan.Worker] = message.Loan;
            agent.Tell(new WorkerAttached(message.Loan.Worker, message.Loan.Life));
        });
        Receive<ParametersMoved>(message => parameters = message.Parameters);
        Receive<RolloutWanted>(Lend);
        Receive<RolloutCollected>(message =>
        {
            if (IsCurrent(message.Loan))
                agent.Tell(RolloutWire.Write(message.Loan));
        });
        Receive<WorkerReleased>(message => loans.Remove(message.Worker));
    }

    private bool IsCurrent(RolloutLoan loan) => loans.TryGetValue(loan.Worker, out var current) && current == loan;

    private void Lend(RolloutWanted wanted)
    {
        // Another life's: the worker was replaced, and its next life is asked when the learner knows of it.
        if (!loans.TryGetValue(wanted.Worker, out var loan) || loan.Life != wanted.Life)
            return;
        parameters.CopyTo(loan.Parameters);
        loan.Version = wanted.Version;
        for (var env = 0; env < loan.Rollout.Envs; env++)
            loan.Rollout.Steps[env] = wanted.Steps[env];
        loan.Holder.Tell(new CollectRollout(loan));
    }
}
