using Akka.Actor;
using AkkaRL.Actors.Training;
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

    public ReplayShape(RunPlan plan, EvaluationHistory evaluations, RunClock clock, ReplayAlgorithm algorithm)
    {
        (this.plan, this.evaluations, this.clock, this.algorithm) = (plan, evaluations, clock, algorithm);
        rounds = new ReplayRounds(algorithm.Settings, plan.Settings.Workers, plan.Settings.TotalSteps);
        parameters = algorithm.InitialParameters();
    }

    public override ReadOnlySpan<float> Parameters => parameters.AsSpan(0, plan.Layout.Count);

    public override long GlobalStep => rounds.Steps;

    public override long Updates => rounds.Updates;

    /// <summary>None: an update's data may be of any age, and its gradient is always of the latest parameters.</summary>
    public override PolicyLagRange PolicyLag { get; } = new(0, 0, 0);

    public override IActorRef StartLearner(IActorRefFactory run)
    {
        var settings = algorithm.Settings;
        var (capacity, observationSize, actionSize) = (settings.ReplayCapacity, plan.ObservationSize, plan.Policy.ActionSize);
        var replay = run.ActorOf(Props.Create(() => new ReplayBuffer(
            settings.Prioritized
                ? new PrioritizedReplay(capacity, observationSize, actionSize, settings.PriorityExponent, 1e-6)
                : new UniformReplay(capacity, observationSize, actionSize),
            plan.LearnerRandom(RunPlan.SamplingStream))), "replay");
        var makeTarget = () => algorithm.MakeTarget([.. parameters]);
        var target = run.ActorOf(
            Props.Create(() => new TargetNetwork(makeTarget, (float)settings.TargetRate)).WithDispatcher(TrainingRun.PinnedDispatcher), "target-network");
        var makeUpdate = () => algorithm.MakeUpdate(parameters);
        var makeMinibatch = () => new Minibatch(settings.BatchSize, observationSize, actionSize, algorithm.TargetOutputs);
        return run.ActorOf(
            Props.Create(() => new ReplayLearner(plan, settings, rounds, makeUpdate, makeMinibatch, evaluations, clock, replay, target))
                .WithDispatcher(TrainingRun.PinnedDispatcher), "learner");
    }

    public override Func<int, int, Props> WorkerOf(IActorRef learner) => (worker, life) =>
        Props.Create(() => new ReplayWorker(plan, algorithm, worker, life, learner)).WithDispatcher(TrainingRun.PinnedDispatcher);
}
