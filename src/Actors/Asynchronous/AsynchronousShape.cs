using Akka.Actor;
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

    public override IActorRef StartLearner(IActorRefFactory run) =>
        run.ActorOf(Props.Create(() => new ParameterServer(plan.Settings, global, evaluations, clock, settings.RolloutSteps)), "learner");

    public override ReadOnlySpan<float> Parameters => global.Parameters;

    public override long GlobalStep => global.Steps.Applied;

    public override long Updates => global.Version;

    public override PolicyLagRange PolicyLag => global.PolicyLag;

    public override Func<int, int, Props> WorkerOf(IActorRef learner) => (worker, life) =>
        Props.Create(() => new A3CWorker(plan, (ActorCriticPolicy)plan.Policy, worker, life, learner)).WithDispatcher(TrainingRun.PinnedDispatcher);
}
