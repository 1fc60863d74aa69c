using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using AkkaRL.Models.Rollouts;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Rollouts;

namespace AkkaRL.Actors.Synchronous;

/// <summary>A node's workers, as the learner of the synchronous shape knows them: each with a loan of its own, which the rollout that comes over the wire is copied into.</summary>
/// <param name="link">The link.</param>
/// <param name="parameterCount">P.</param>
/// <param name="makeRollout">A worker's buffers.</param>
internal sealed class RolloutLink(LinkContext link, int parameterCount, Func<Rollout> makeRollout) : LinkConversation
{
    private readonly SentParameters parameters = new(link.Send);
    private readonly Dictionary<int, RolloutLoan> loans = [];

    public override bool TakeFromLearner(object message)
    {
        if (message is not CollectRollout { Loan: var loan })
            return false;
        parameters.Send(loan.Parameters);
        link.Send(new RolloutWanted(loan.Worker, loan.Life, loan.Version, loan.Rollout.Steps));
        return true;
    }

    public override bool TakeFromNode(object message)
    {
        switch (message)
        {
            case WorkerAttached attached:
                var fresh = new RolloutLoan(attached.Worker, attached.Life, link.Self, parameterCount, makeRollout()) { Incarnation = link.Incarnation };
                loans[attached.Worker] = fresh;
                link.Learner.Tell(new AttachRolloutWorker(fresh), link.Self);
                return true;
            case RolloutMade made:
                // One of a former life: its worker was replaced after it was sent.
                if (loans.TryGetValue(made.Worker, out var loan) && loan.Life == made.Life)
                    Take(made, loan);
                return true;
            default:
                return false;
        }
    }

    private void Take(RolloutMade made, RolloutLoan loan)
    {
        if (made.Version != loan.Version || !RolloutWire.TryRead(made, loan.Rollout))
            throw new LinkBrokenException($"A rollout of worker {made.Worker} does not fit what was asked for.");
        loan.Episodes.Clear();
        loan.Episodes.AddRange(made.Episodes);
        Steps += made.Ends.Length;
        link.Learner.Tell(new RolloutCollected(loan), link.Self);
    }
}
