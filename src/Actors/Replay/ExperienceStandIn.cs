using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Experience;

namespace AkkaRL.Actors.Replay;

/// <summary>The learner of the replay shape, as a node's workers know it: keeps the parameters for all of them, and passes transitions on.</summary>
/// <remarks>
/// <para>Parent: the node's work. Supervises nobody.</para>
/// <para>In: <see cref="Experience.AttachWorker"/>, <see cref="StepsMade"/> from workers; <see cref="ParametersMoved"/>, <see cref="StepsWanted"/>, <see cref="WorkerReleased"/> from the link.
/// Out: <see cref="StepsGranted"/> to workers; <see cref="WorkerAttached"/>, <see cref="TransitionsMade"/> to the agent.</para>
/// </remarks>
internal sealed class ExperienceStandIn : ReceiveActor
{
    private readonly Dictionary<int, ExperienceLoan> loans = [];
    private ReadOnlyMemory<float> parameters;

    /// <param name="agent">Who talks to the link.</param>
    public ExperienceStandIn(IActorRef agent)
    {
        Receive<Experience.AttachWorker>(message =>
        {
            loans[message.Loan.Worker] = message.Loan;
            agent.Tell(new WorkerAttached(message.Loan.Worker, message.Loan.Life));
        });
        Receive<ParametersMoved>(message => parameters = message.Parameters);
        Receive<StepsWanted>(Grant);
        Receive<StepsMade>(message =>
        {
            // The learner asks for no more before it has these, so that they stay as they are until they are written.
            if (loans.TryGetValue(message.Loan.Worker, out var current) && current == message.Loan)
                agent.Tell(TransitionWire.Write(message.Loan));
        });
        Receive<WorkerReleased>(message => loans.Remove(message.Worker));
    }

    private void Grant(StepsWanted wanted)
    {
        // Another life's: the worker was replaced, and its next life is asked when the learner knows of it.
        if (!loans.TryGetValue(wanted.Worker, out var loan) || loan.Life != wanted.Life)
            return;
        parameters.CopyTo(loan.Parameters);
        (loan.FirstStep, loan.Steps) = (wanted.FirstStep, wanted.Steps);
        loan.Holder.Tell(loan.Granted);
    }
}
