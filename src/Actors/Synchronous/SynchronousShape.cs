using Akka.Actor;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Synchronous;

/// <summary>Synchronous rollouts: a learner and rollout workers that take turns.</summary>
#pragma warning disable CA1001 // The learner disposes of the training when it stops.
internal sealed class SynchronousShape : TrainingShape
#pragma warning restore CA1001
{
    /// <summary>Multiply-adds of a batch's forward passes that take some ten milliseconds, backward passes included, on one core.</summary>
    private const long ShortMultiplyAdds = 200_000_000;

    private readonly RunPlan plan;
    private readonly ActorCriticPolicy policy;
    private readonly BatchSize size;
    private readonly Lazy<RolloutTraining> training; // not made on a node, which has workers only
    private readonly EvaluationHistory evaluations;
    private readonly RunClock clock;
    private readonly bool sendsAhead;
    private readonly LearnerSnapshots snapshots;
    private readonly int epochs;

    /// <param name="plan">The run.</param>
    /// <param name="evaluations">What its evaluations add up to.</param>
    /// <param name="clock">Its seconds.</param>
    /// <param name="settings">The algorithm's settings.</param>
    /// <param name="wholeEpisodes">Whether it learns from whole episodes.</param>
    /// <param name="makeAlgorithm">The algorithm, by the policy and the most rows of a batch.</param>
    /// <param name="minibatchSize">The most rows of a minibatch; null for the whole batch.</param>
    /// <param name="sendsAhead">Whether workers collect the next batch while one is learned from.</param>
    /// <param name="epochs">Passes over a batch.</param>
    public SynchronousShape(
        RunPlan plan, EvaluationHistory evaluations, RunClock clock, RolloutSettings settings, bool wholeEpisodes,
        Func<ActorCriticPolicy, int, IRolloutAlgorithm> makeAlgorithm, int? minibatchSize = null, bool sendsAhead = false, int epochs = 1)
    {
        (this.plan, this.evaluations, this.clock, this.sendsAhead, this.epochs) = (plan, evaluations, clock, sendsAhead, epochs);
        policy = (ActorCriticPolicy)plan.Policy;
        size = BatchSize.Of(plan, settings, wholeEpisodes);
        training = new Lazy<RolloutTraining>(() => new RolloutTraining(plan, policy, settings, size, () => makeAlgorithm(policy, size.Rows), minibatchSize ?? size.Rows));
        snapshots = new LearnerSnapshots(plan.Settings.Snapshots, isExact: plan.EnvCapturesState, plan.SnapshotSize(plan.Layout.Count));
    }

    private RolloutTraining Training => training.Value;

    /// <summary>
    /// On the thread of the worker whose rollout completes a batch, where learning from it is short and workers wait for it: nobody is woken
    /// then. Otherwise on a thread of its own, lest a worker does not answer for long.
    /// </summary>
    public override IActorRef StartLearner(IActorRefFactory run) =>
        run.ActorOf(
            Props.Create(() => new RolloutLearner(plan.Settings, Training, evaluations, clock, snapshots, sendsAhead))
                .WithDispatcher(IsShort && !sendsAhead && !plan.IsClustered ? TrainingRun.CallerDispatcher : TrainingRun.PinnedDispatcher),
            "learner");

    private bool IsShort => plan.Engine == EngineKind.Fused && (long)size.Rows * epochs * plan.Layout.Count <= ShortMultiplyAdds;

    public override ReadOnlySpan<float> Parameters => Training.ActingParameters;

    public override long GlobalStep => Training.GlobalStep;

    public override long Updates => Training.Descent.Updates;

    public override PolicyLagRange PolicyLag => Training.PolicyLag;

    public override LearnerSnapshots Snapshots => snapshots;

    public override double LearningRateFactor
    {
        get => Training.LearningRateFactor;
        set => Training.LearningRateFactor = (float)value;
    }

    public override void Restore(RunState? state)
    {
        Training.Restore(state);
        evaluations.Restore(state);
        snapshots.Restore(state, GlobalStep, Updates, clock.Seconds);
    }

    public override Func<int, int, Props> WorkerOf(IActorRef learner) => (worker, life) =>
    {
        var (incarnation, captured) = (Incarnation, snapshots.StateOf(worker, life));
        return Props.Create(() => new RolloutWorker(plan, policy, size, worker, life, learner, incarnation, captured)).WithDispatcher(TrainingRun.PinnedDispatcher);
    };

    internal override LinkConversation LinkOf(LinkContext context) => new RolloutLink(context, plan.Layout.Count, () => size.MakeRollout(plan, policy));

    internal override IActorRef StartStandIn(IActorRefFactory node, IActorRef agent) => node.ActorOf(Props.Create(() => new RolloutStandIn(agent)), "learner");
}
