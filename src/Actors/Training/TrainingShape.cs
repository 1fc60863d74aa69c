using Akka.Actor;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Actors.Training;

/// <summary>What a run supervisor needs to know of a training shape: how to make its learner and workers, and where the outcome stands.</summary>
/// <remarks>The outcome may be read when the learner has stopped, or has said that training ended and changes nothing any more.</remarks>
public abstract class TrainingShape
{
    /// <summary>Props of the learner.</summary>
    public abstract Props Learner { get; }

    /// <summary>θ [P].</summary>
    public abstract ReadOnlySpan<float> Parameters { get; }

    /// <summary>Env steps applied.</summary>
    public abstract long GlobalStep { get; }

    /// <summary>Updates applied.</summary>
    public abstract long Updates { get; }

    /// <summary>Policy lag of the applied gradients.</summary>
    public abstract PolicyLagRange PolicyLag { get; }

    /// <summary>Props of a worker by its number and its life, for this learner.</summary>
    public abstract Func<int, int, Props> WorkerOf(IActorRef learner);

    /// <summary>The shape of the plan's algorithm.</summary>
    public static TrainingShape Of(RunPlan plan, EvaluationHistory evaluations, RunClock clock) => new AsynchronousShape(plan, evaluations, clock);
}

/// <summary>Asynchronous gradients: a parameter server and A3C workers.</summary>
internal sealed class AsynchronousShape(RunPlan plan, EvaluationHistory evaluations, RunClock clock) : TrainingShape
{
    private readonly GlobalParameters global = new(
        plan.InitialParameters(), plan.MakeOptimizer(),
        new LearningRateSchedule((float)plan.Settings.A3C.LearningRate, (float)plan.Settings.A3C.FinalLearningRate, plan.Settings.TotalSteps), plan.Settings);

    public override Props Learner =>
        Props.Create(() => new ParameterServer(plan.Settings, global, evaluations, clock, plan.Settings.A3C.RolloutSteps));

    public override ReadOnlySpan<float> Parameters => global.Parameters;

    public override long GlobalStep => global.Steps.Applied;

    public override long Updates => global.Version;

    public override PolicyLagRange PolicyLag => global.PolicyLag;

    public override Func<int, int, Props> WorkerOf(IActorRef learner) => (worker, life) =>
        Props.Create(() => new A3CWorker(plan, worker, life, learner)).WithDispatcher(TrainingRun.PinnedDispatcher);
}
