using Akka.Actor;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>Asynchronous gradients: a parameter server, workers that compute gradients, and for the value methods a target network that these share.</summary>
internal sealed class AsynchronousShape(RunPlan plan, EvaluationHistory evaluations, RunClock clock, AsynchronousAlgorithm algorithm) : TrainingShape
{
    private readonly GlobalParameters global = new(
        plan.InitialParameters(), plan.MakeOptimizer(), algorithm.LearningRate, plan.Settings, algorithm.TargetInterval);

    private readonly LearnerSnapshots snapshots = new(plan.Settings.Snapshots, isExact: plan.IsDeterministic && plan.EnvCapturesState, SizeOf(plan, algorithm));

    private IActorRef? target;

    public override IActorRef StartLearner(IActorRefFactory run)
    {
        if (algorithm.TargetInterval is not null)
            target = run.ActorOf(Props.Create(() => new SharedTarget(plan.Settings.Workers)), "target-network");
        // A node is as many workers to the parameter server as it has grants; there are never more nodes than workers.
        var settings = plan.IsClustered ? plan.Settings with { Workers = GradientLink.Streams * plan.Settings.Workers } : plan.Settings;
        return run.ActorOf(
            Props.Create(() => new ParameterServer(settings, global, evaluations, clock, algorithm.RolloutSteps, snapshots, target)).WithDispatcher(TrainingRun.CallerDispatcher), "learner");
    }

    public override IReadOnlyList<IActorRef> Parts => target is null ? [] : [target];

    public override ReadOnlySpan<float> Parameters => global.Parameters;

    public override long GlobalStep => global.Steps.Applied;

    public override long Updates => global.Version;

    public override PolicyLagRange PolicyLag => global.PolicyLag;

    public override LearnerSnapshots Snapshots => snapshots;

    public override long Incarnation
    {
        get => global.Incarnation;
        set => global.Incarnation = value;
    }

    public override double LearningRateFactor
    {
        get => global.LearningRateFactor;
        set => global.LearningRateFactor = (float)value;
    }

    public override void Restore(RunState? state)
    {
        if (state is null)
            global.Reset(plan.InitialParameters(), plan.MakeOptimizer().Moments);
        else
            global.Restore(state, snapshots.IsExact ? Enumerable.Range(0, plan.Settings.Workers).Sum(worker => CapturedWorkers.Granted(state, worker)) : 0);
        evaluations.Restore(state);
        snapshots.Restore(state, global.Steps.Applied, global.Version, clock.Seconds);
    }

    public override Func<int, int, Props> WorkerOf(IActorRef learner) => (worker, life) =>
    {
        var restored = snapshots.StateOf(worker, life) is null ? null : snapshots.Restored;
        var incarnation = Incarnation;
        return Props.Create(() => new GradientWorker(plan, algorithm.MakeWorker, worker, life, learner, target, incarnation, restored)).WithDispatcher(TrainingRun.PinnedDispatcher);
    };

    /// <summary>Floats of a snapshot: in deterministic mode every worker's gradient, too.</summary>
    private static long SizeOf(RunPlan plan, AsynchronousAlgorithm algorithm)
    {
        var vectors = (algorithm.TargetInterval is null ? 0 : 1) + (plan.IsDeterministic ? plan.Settings.Workers : 0);
        return plan.SnapshotSize(plan.Layout.Count) + (long)vectors * plan.Layout.Count;
    }

    internal override bool NeedsEveryWorker => false;

    internal override LinkConversation LinkOf(LinkContext context) =>
        new GradientLink(context, target, plan.Settings.Workers, plan.Layout.Count, global.CopyMoments().Length, algorithm.RolloutSteps);

    internal override IActorRef StartStandIn(IActorRefFactory node, IActorRef agent)
    {
        if (algorithm.TargetInterval is not null)
            target = node.ActorOf(Props.Create(() => new SharedTarget(plan.Settings.Workers)), "target-network");
        var (incarnation, parameters) = (Incarnation, new NodeParameters(plan.MakeOptimizer(), GradientLink.Streams));
        return node.ActorOf(
            Props.Create(() => new GradientStandIn(agent, target, incarnation, algorithm.RolloutSteps, parameters)).WithDispatcher(TrainingRun.CallerDispatcher), "learner");
    }
}
