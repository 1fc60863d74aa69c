using Akka.Actor;
using Akka.Dispatch;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Replay;

namespace AkkaRL.Actors.Replay;

/// <summary>Learning from remembered transitions: a learner, a replay, a target network and workers.</summary>
internal sealed class ReplayShape : TrainingShape
{
    private readonly RunPlan plan;
    private readonly EvaluationHistory evaluations;
    private readonly RunClock clock;
    private readonly ReplayAlgorithm algorithm;
    private readonly ReplayRounds rounds;
    private readonly float[] parameters;
    private readonly LearnerSnapshots snapshots;
    private IReadOnlyList<IActorRef> parts = [];

    public ReplayShape(RunPlan plan, EvaluationHistory evaluations, RunClock clock, ReplayAlgorithm algorithm)
    {
        (this.plan, this.evaluations, this.clock, this.algorithm) = (plan, evaluations, clock, algorithm);
        rounds = new ReplayRounds(algorithm.Settings, plan.Settings.Workers, plan.Settings.TotalSteps);
        parameters = algorithm.InitialParameters();
        snapshots = new LearnerSnapshots(plan.Settings.Snapshots, isExact: plan.EnvCapturesState, plan.SnapshotSize(parameters.Length) + parameters.Length + ReplaySize());
    }

    public override ReadOnlySpan<float> Parameters => parameters.AsSpan(0, plan.Layout.Count);

    public override long GlobalStep => rounds.Steps;

    public override long Updates => rounds.Updates;

    /// <summary>None: an update's data may be of any age, and its gradient is always of the latest parameters.</summary>
    public override PolicyLagRange PolicyLag { get; } = new(0, 0, 0);

    public override LearnerSnapshots Snapshots => snapshots;

    public override IReadOnlyList<IActorRef> Parts => parts;

    public override IActorRef StartLearner(IActorRefFactory run)
    {
        var settings = algorithm.Settings;
        var (capacity, observationSize, actionSize, maskSize) = (settings.ReplayCapacity, plan.ObservationSize, plan.Policy.ActionSize, plan.MaskSize);
        Func<IReplay> makeReplay = () => settings.Prioritized
            ? new PrioritizedReplay(capacity, observationSize, actionSize, settings.PriorityExponent, 1e-6, maskSize)
            : new UniformReplay(capacity, observationSize, actionSize, maskSize);
        var makeRandom = () => plan.LearnerRandom(RunPlan.SamplingStream);
        // With the fused engine both are done sooner than a thread is woken, and the crew has the other cores; tensors are computed beside the learner.
        var isFused = plan.Engine == EngineKind.Fused;
        var replay = run.ActorOf(
            Props.Create(() => new ReplayBuffer(makeReplay, makeRandom)).WithDispatcher(isFused ? TrainingRun.CallerDispatcher : Dispatchers.DefaultDispatcherId), "replay");
        var makeTarget = () => algorithm.MakeTarget([.. parameters]);
        var target = run.ActorOf(
            Props.Create(() => new TargetNetwork(makeTarget, (float)settings.TargetRate)).WithDispatcher(isFused ? TrainingRun.CallerDispatcher : TrainingRun.PinnedDispatcher),
            "target-network");
        parts = [replay, target];
        var makeUpdate = () => algorithm.MakeUpdate(parameters);
        var makeMinibatch = () => new Minibatch(settings.BatchSize, observationSize, actionSize, algorithm.TargetOutputs, maskSize);
        return run.ActorOf(
            Props.Create(() => new ReplayLearner(plan, settings, rounds, makeUpdate, makeMinibatch, evaluations, clock, replay, target, snapshots))
                .WithDispatcher(TrainingRun.PinnedDispatcher), "learner");
    }

    /// <summary>The parameters and the position; the learner and its parts put the rest back when they begin.</summary>
    public override void Restore(RunState? state)
    {
        if (state is null)
            algorithm.InitialParameters().CopyTo(parameters, 0);
        else
            state.Read("parameters", parameters);
        rounds.Restore(state?.Whole("global-step") ?? 0, state?.Whole("version") ?? 0);
        evaluations.Restore(state);
        snapshots.Restore(state, GlobalStep, Updates, clock.Seconds);
    }

    public override Func<int, int, Props> WorkerOf(IActorRef learner) => (worker, life) =>
    {
        var (incarnation, captured) = (Incarnation, snapshots.StateOf(worker, life));
        return Props.Create(() => new ReplayWorker(plan, algorithm, worker, life, learner, incarnation, captured)).WithDispatcher(TrainingRun.PinnedDispatcher);
    };

    /// <summary>Floats of the replay in a snapshot, once it is full; none where it goes into segment files.</summary>
    private long ReplaySize()
    {
        var floats = algorithm.Settings.ReplayCapacity * (2L * plan.ObservationSize + plan.Policy.ActionSize + 2 + (plan.MaskSize + sizeof(float) - 1) / sizeof(float));
        return sizeof(float) * floats <= plan.Settings.Snapshots.ReplayLimit * 1_000_000L ? floats + (algorithm.Settings.Prioritized ? 2L * algorithm.Settings.ReplayCapacity : 0) : 0;
    }

    internal override LinkConversation LinkOf(LinkContext context)
    {
        var share = ReplayRounds.LargestShare(algorithm.Settings, plan.Settings.Workers);
        return new ExperienceLink(context, algorithm.BehaviourParameters, share,
            () => new TransitionBatch(share + algorithm.Settings.NStep, plan.ObservationSize, plan.Policy.ActionSize, plan.MaskSize));
    }

    internal override IActorRef StartStandIn(IActorRefFactory node, IActorRef agent) => node.ActorOf(Props.Create(() => new ExperienceStandIn(agent)), "learner");
}
