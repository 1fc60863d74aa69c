using Akka.Actor;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Gradients;
using static AkkaRL.Actors.Protocol.Targets;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// A node, as the parameter server knows it: two workers that ask for many rollouts at once, so that one grant is used while the other
/// is on its way. Parameters cross the wire once a grant, for all of the node's workers.
/// </summary>
internal sealed class GradientLink : LinkConversation
{
    /// <summary>Grants of a node.</summary>
    public const int Streams = 2;

    private readonly LinkContext link;
    private readonly IActorRef? target;
    private readonly GradientLoan[] loans;
    private readonly bool[] isOut = new bool[Streams];
    private readonly Queue<GradientLoan> awaitTarget = new();
    private long targetSent = -1;
    private long? appliedVersion;

    /// <param name="link">The link.</param>
    /// <param name="target">The shared target network; null for an algorithm without.</param>
    /// <param name="workers">Workers of the run.</param>
    /// <param name="parameterCount">P.</param>
    /// <param name="rolloutSteps">t_max.</param>
    public GradientLink(LinkContext link, IActorRef? target, int workers, int parameterCount, int rolloutSteps)
    {
        (this.link, this.target) = (link, target);
        loans = [.. Enumerable.Range(0, Streams).Select(stream => new GradientLoan(stream * workers + link.Slot, link.Life, link.Self, parameterCount)
        {
            Incarnation = link.Incarnation,
            StepsWanted = rolloutSteps * link.Settings.CombinedRollouts * link.Offer,
        })];
    }

    public override void Begin()
    {
        foreach (var loan in loans)
            link.Learner.Tell(new AttachWorker(loan));
    }

    public override bool TakeFromLearner(object message)
    {
        switch (message)
        {
            case RolloutGranted { Loan: var loan } when target is null || loan.TargetVersion == targetSent:
                Grant(loan);
                return true;
            case RolloutGranted { Loan: var loan }:
                awaitTarget.Enqueue(loan);
                target.Tell(new FetchTarget(loan.Incarnation, loan.TargetVersion), link.Self);
                return true;
            case TargetFetched fetched:
                link.Send(new TargetMovedThere(fetched.Version, fetched.Target.Values));
                targetSent = fetched.Version;
                Grant(awaitTarget.Dequeue());
                return true;
            default:
                return false;
        }
    }

    public override bool TakeFromNode(object message)
    {
        if (message is WorkerAttached)
            return true; // the node's workers share its grants
        if (message is not GradientsCombined combined)
            return false;
        if ((uint)combined.Stream >= Streams || !isOut[combined.Stream] || loans[combined.Stream] is var loan && !Fits(combined, loan))
            throw new LinkBrokenException($"{combined.Steps} env steps with {combined.Gradients} gradients of {combined.Mean.Length} parameters do not fit what was granted.");
        isOut[combined.Stream] = false;
        loan = loans[combined.Stream];
        combined.Mean.CopyTo(loan.Vector);
        (loan.Version, loan.Steps, loan.Gradients) = (combined.Version, combined.Steps, combined.Gradients);
        (loan.Losses, loan.Episodes) = (combined.Losses, combined.Episodes);
        Steps += combined.Steps;
        appliedVersion = combined.Version;
        link.Learner.Tell(new ApplyGradient(loan), link.Self);
        return true;
    }

    public override void Close()
    {
        foreach (var loan in loans)
            link.Learner.Tell(new DetachWorker(loan), link.Self);
    }

    private static bool Fits(GradientsCombined combined, GradientLoan loan) =>
        combined.Version == loan.Version && combined.Gradients > 0 && combined.Steps > 0 && combined.Steps <= loan.Steps && combined.Mean.Length == loan.Vector.Length;

    private void Grant(GradientLoan loan)
    {
        var stream = Array.IndexOf(loans, loan);
        isOut[stream] = true;
        if (appliedVersion is { } former)
        {
            // Its gradient made one version; those between are the lag that it was applied with.
            Lag += Math.Max(0, loan.Version - former - 1);
            Lags++;
            appliedVersion = null;
        }
        link.Send(new GradientsGranted(stream, loan.Version, loan.TargetVersion, loan.GlobalStep, loan.Steps, loan.Vector));
    }
}
