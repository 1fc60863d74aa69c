using Akka.Actor;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
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
    private readonly int momentCount, rolloutSteps;
    private int stepsWanted;
    private long targetSent = -1;
    private (long Version, double Lag)? applied;

    /// <param name="link">The link.</param>
    /// <param name="target">The shared target network; null for an algorithm without.</param>
    /// <param name="workers">Workers of the run.</param>
    /// <param name="parameterCount">P.</param>
    /// <param name="momentCount">Floats of the optimizer's moments.</param>
    /// <param name="rolloutSteps">t_max.</param>
    public GradientLink(LinkContext link, IActorRef? target, int workers, int parameterCount, int momentCount, int rolloutSteps)
    {
        (this.link, this.target, this.momentCount, this.rolloutSteps) = (link, target, momentCount, rolloutSteps);
        Share(nodes: 1);
        loans = [.. Enumerable.Range(0, Streams).Select(stream => new GradientLoan(stream * workers + link.Slot, link.Life, link.Self, parameterCount)
        {
            Incarnation = link.Incarnation,
            WantsMoments = stream == 0, // which is granted first
        })];
    }

    /// <summary>A node alone may combine as much as it likes; what several change without knowing of each other must stay small, or the sum is not what any of them has learned.</summary>
    public override void Share(int nodes) => stepsWanted = rolloutSteps * (nodes == 1
        ? link.Settings.CombinedRollouts * link.Offer
        : Math.Min(link.Settings.CombinedRollouts * link.Offer, Math.Max(link.Offer, link.Settings.SharedRollouts / nodes)));

    public override void Begin()
    {
        foreach (var loan in loans)
        {
            loan.StepsWanted = stepsWanted;
            link.Learner.Tell(new AttachWorker(loan));
        }
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
        if (message is not UpdatesMade made)
            return false;
        if ((uint)made.Stream >= Streams || !isOut[made.Stream] || loans[made.Stream] is var loan && !Fits(made, loan))
            throw new LinkBrokenException($"{made.Steps} env steps with {made.Updates} updates of {made.Change.Length} parameters do not fit what was granted.");
        isOut[made.Stream] = false;
        loan = loans[made.Stream];
        made.Change.CopyTo(loan.Vector);
        (loan.Version, loan.Steps, loan.Updates, loan.LagThere) = (made.Version, made.Steps, made.Updates, (long)Math.Round(made.Lag));
        (loan.Losses, loan.Episodes, loan.Moments) = (made.Losses, made.Episodes, made.Moments);
        loan.StepsWanted = stepsWanted;
        Steps += made.Steps;
        applied = (made.Version + made.Updates, made.Lag);
        link.Learner.Tell(new ApplyGradient(loan), link.Self);
        return true;
    }

    public override void Close()
    {
        foreach (var loan in loans)
            link.Learner.Tell(new DetachWorker(loan), link.Self);
    }

    private bool Fits(UpdatesMade made, GradientLoan loan) =>
        made.Version >= loan.Version && made.Updates >= 0 && made.Lag is >= 0 and <= long.MaxValue / 4 && made.Steps > 0 && made.Steps <= loan.Steps
        && made.Change.Length == loan.Vector.Length && (made.Moments.IsEmpty || (made.Moments.Length == momentCount && DivergenceGuard.AreFinite(made.Moments.Span)));

    private void Grant(GradientLoan loan)
    {
        var stream = Array.IndexOf(loans, loan);
        isOut[stream] = true;
        if (applied is { } former)
        {
            // What the version is beyond its own updates, others have made meanwhile.
            Lag += former.Lag + Math.Max(0, loan.Version - former.Version);
            Lags++;
            applied = null;
        }
        link.Send(new GradientsGranted(stream, loan.Version, loan.TargetVersion, loan.GlobalStep, loan.Steps, loan.LearningRate, loan.Vector, loan.Moments, link.Settings.GradientPrecision));
    }
}
