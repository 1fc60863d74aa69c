using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using AkkaRL.Models.Replay;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Experience;

namespace AkkaRL.Actors.Replay;

/// <summary>A node's workers, as the learner of the replay shape knows them: each with a loan of its own, which the transitions that come over the wire are copied into.</summary>
/// <param name="link">The link.</param>
/// <param name="parameterCount">Parameters that a worker acts with.</param>
/// <param name="steps">Most env steps of a round.</param>
/// <param name="makeTransitions">A worker's buffers.</param>
internal sealed class ExperienceLink(LinkContext link, int parameterCount, int steps, Func<TransitionBatch> makeTransitions) : LinkConversation
{
    private readonly SentParameters parameters = new(link.Send);
    private readonly Dictionary<int, ExperienceLoan> loans = [];

    public override bool TakeFromLearner(object message)
    {
        if (message is not StepsGranted { Loan: var loan })
            return false;
        parameters.Send(loan.Parameters);
        link.Send(new StepsWanted(loan.Worker, loan.Life, loan.FirstStep, loan.Steps));
        return true;
    }

    public override bool TakeFromNode(object message)
    {
        switch (message)
        {
            case WorkerAttached attached:
                var fresh = new ExperienceLoan(attached.Worker, attached.Life, link.Self, parameterCount, makeTransitions(), steps) { Incarnation = link.Incarnation };
                loans[attached.Worker] = fresh;
                link.Learner.Tell(new Experience.AttachWorker(fresh), link.Self);
                return true;
            case TransitionsMade made:
                // Those of a former life: its worker was replaced after they were sent.
                if (loans.TryGetValue(made.Worker, out var loan) && loan.Life == made.Life)
                    Take(made, loan);
                return true;
            default:
                return false;
        }
    }

    private void Take(TransitionsMade made, ExperienceLoan loan)
    {
        if (!TransitionWire.TryRead(made, loan.Transitions))
            throw new LinkBrokenException($"Transitions of worker {made.Worker} do not fit what was asked for.");
        loan.Episodes.Clear();
        loan.Episodes.AddRange(made.Episodes);
        Steps += loan.Steps;
        link.Learner.Tell(new StepsMade(loan), link.Self);
    }
}
