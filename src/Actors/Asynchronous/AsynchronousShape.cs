using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>Asynchronous gradients: a parameter server and A3C workers.</summary>
internal sealed class AsynchronousShape(RunPlan plan, EvaluationHistory evaluations, RunClock clock) : TrainingShape
{
    private readonly A3CSettings settings = plan.Settings.A3C;

    private readonly GlobalParameters global = new(
        plan.InitialParameters(), plan.MakeOptimizer(),
        new LearningRateSchedule((float)plan.Settings.A3C.LearningRate, (float)plan.Settings.A3C.FinalLearningRate, plan.Settings.TotalSteps), plan.Settings);

    private readonly LearnerSnapshots snapshots = new(plan.Settings.Snapshots, isExact: plan.IsDeterministic && plan.EnvCapturesState);

    public override IActorRef StartLearner(IActorRefFactory run) =>
        run.ActorOf(Props.Create(() => new ParameterServer(plan.Settings, global, evaluations, clock, settings.RolloutSteps, snapshots)).WithDispatcher(TrainingRun.CallerDispatcher), "learner");

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
        return Props.Create(() => new A3CWorker(plan, (ActorCriticPolicy)plan.Policy, worker, life, learner, incarnation, restored)).WithDispatcher(TrainingRun.PinnedDispatcher);
    };
}
