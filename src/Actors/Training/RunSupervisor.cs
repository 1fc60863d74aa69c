using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Training;

/// <summary>Owns one training run: starts its actors, counts faults against the budget, and makes the result when training is over.</summary>
/// <remarks>
/// <para>Parent: /user. Supervises the learner, the worker pool, the evaluator and the metrics publisher; each is stopped when it throws.
/// A learner or a pool that throws ends the run with a report; an evaluator that throws or hangs is made anew.</para>
/// <para>In: run events and <see cref="TrainingEnded"/> from the learner, <see cref="WorkerFaulted"/> from the pool,
/// <see cref="EvaluatePolicy"/> from the learner and its answer from the evaluator, <see cref="EndTraining"/> from whoever started the run.</para>
/// </remarks>
public sealed class RunSupervisor : ReceiveActor, IWithTimers
{
    private readonly RunPlan plan;
    private readonly TrainingShape shape;
    private readonly EvaluationHistory evaluations;
    private readonly TaskCompletionSource<RunResult> completion;
    private readonly IActorRef metrics;
    private readonly IActorRef pool;
    private readonly IActorRef learner;
    private readonly RunClock clock;
    private IActorRef evaluator;
    private int evaluators;
    private FaultCounts faults = new();
    private long latestStep;
    private string? learnerFailure;

    private EvaluatePolicy? openEvaluation;

    private sealed record EvaluationLost(IActorRef Evaluator, FaultKind Kind, string Message);

    /// <summary>Made by <see cref="TrainingRun"/>.</summary>
    /// <param name="plan">What to train.</param>
    /// <param name="listener">Is told every run event; may be null.</param>
    /// <param name="completion">Receives the result.</param>
    /// <param name="time">Where time comes from.</param>
    public RunSupervisor(RunPlan plan, Action<RunEvent>? listener, TaskCompletionSource<RunResult> completion, TimeProvider time)
    {
        (this.plan, this.completion) = (plan, completion);
        evaluations = new EvaluationHistory(plan.Env.SolvedAt);
        metrics = Context.ActorOf(Props.Create(() => new MetricsPublisher(listener)), "metrics");
        metrics.Tell(new RunStarted(plan.Settings, EngineName, plan.Layout.Count, plan.Env.SolvedAt));
        evaluator = StartEvaluator();
        clock = new RunClock(time);
        shape = plan.Algorithm.MakeShape(plan, evaluations, clock);
        learner = Context.Watch(shape.StartLearner(Context));
        var makeWorker = shape.WorkerOf(learner);
        pool = Context.ActorOf(Props.Create(() => new WorkerPool(plan.Settings.Workers, makeWorker, plan.Settings.Faults, time)), "workers");
        Training();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private string EngineName => plan.Engine.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new StopAndReport((child, cause) =>
    {
        var (kind, message) = FaultCause.Of(cause);
        if (child.Equals(learner))
            learnerFailure = $"The learner threw {message}";
        else if (child.Equals(pool))
            learner.Tell(new EndTraining(StopReasons.Failed, $"The worker pool threw {message}"));
        else
            Self.Tell(new EvaluationLost(child, kind, $"An evaluation failed: {message}"));
    });

    private void Training()
    {
        Receive<ProgressReported>(progress =>
        {
            latestStep = progress.GlobalStep;
            metrics.Tell(progress with { Faults = faults });
        });
        Receive<EvaluationReported>(report => metrics.Tell(report));
        Receive<WorkerFaulted>(fault => Count(fault.Worker, fault.Kind, fault.Message));
        Receive<GradientRefused>(refusal => Count(refusal.Worker, refusal.Kind, refusal.Kind == FaultKind.PolicyLag
            ? "Its gradient was older than akkarl.policy-lag.maximum; it is dropped and its env steps are made again."
            : "Its gradient was not finite; it is refused, its env steps are made again with fresh parameters."));
        Receive<EvaluatePolicy>(Evaluate);
        Receive<PolicyEvaluated>(answer =>
        {
            if (Close(answer.Request))
                learner.Tell(answer);
        });
        Receive<EvaluationLost>(lost =>
        {
            if (Abandon(lost) is { } request)
                learner.Tell(new EvaluationFailed(request, lost.Message));
        });
        Receive<EndTraining>(learner.Tell);
        Receive<TrainingEnded>(Finish);
        Receive<Terminated>(_ => Finish(new TrainingEnded(
            StopReasons.Failed, $"{learnerFailure ?? "The learner stopped."} What it had learned is in the last policy, but may be half an update old.", clock.Seconds)));
    }

    private void Evaluate(EvaluatePolicy request)
    {
        openEvaluation = request;
        evaluator.Tell(request);
        var timeout = plan.Settings.Evaluation.Timeout;
        Timers.StartSingleTimer(request, new EvaluationLost(
            evaluator, FaultKind.Stall, $"An evaluation took longer than akkarl.evaluation.timeout ({timeout.TotalSeconds:0.###} s) and was abandoned."), timeout);
    }

    /// <summary>Whether this evaluation was open; now it is not. An evaluator that was abandoned may still answer: too late.</summary>
    private bool Close(EvaluatePolicy request)
    {
        if (!ReferenceEquals(request, openEvaluation))
            return false;
        openEvaluation = null;
        Timers.Cancel(request);
        return true;
    }

    /// <summary>Another evaluator takes the place of one that threw, or that hangs and cannot be stopped. Returns the evaluation that was open, if one was.</summary>
    private EvaluatePolicy? Abandon(EvaluationLost lost)
    {
        if (!lost.Evaluator.Equals(evaluator) || openEvaluation is not { } request)
            return null;
        Close(request);
        Context.Stop(evaluator);
        evaluator = StartEvaluator();
        Count(-1, lost.Kind, lost.Message);
        return request;
    }

    private IActorRef StartEvaluator() =>
        Context.ActorOf(Props.Create(() => new Evaluator(plan)).WithDispatcher(TrainingRun.PinnedDispatcher), $"evaluator-{evaluators++}");

    private void Count(int worker, FaultKind kind, string message)
    {
        faults = faults.With(kind);
        metrics.Tell(new FaultReported(latestStep, worker, kind, message));
        if (faults.Total > plan.Settings.Faults.Budget)
            learner.Tell(new EndTraining(
                StopReasons.Failed,
                $"{faults.Total} faults are more than akkarl.faults.budget ({plan.Settings.Faults.Budget}) allows. The latest, of {(worker < 0 ? "the evaluator" : $"worker {worker}")}: {message} Mend the env, or raise the budget."));
    }

    /// <summary>Training is over: evaluate what came out, then report.</summary>
    private void Finish(TrainingEnded ended)
    {
        Context.Unwatch(learner);
        Context.Stop(learner);
        Context.Stop(pool);
        var last = shape.Parameters.ToArray();
        var best = evaluations.BestParameters?.ToArray() ?? last;
        var wanted = ended.Reason is StopReasons.Completed or StopReasons.Solved ? plan.Settings.Evaluation.FinalEpisodes : 0;
        EvaluationResult? ofLast = null;

        Become(() =>
        {
            Receive<PolicyEvaluated>(answer =>
            {
                if (Close(answer.Request))
                    Next(answer.Request, answer.Result);
            });
            Receive<EvaluationLost>(lost =>
            {
                if (Abandon(lost) is { } request)
                    Next(request, null);
            });
            Receive<EndTraining>(_ => Complete(null));
            ReceiveAny(_ => { });
        });
        if (wanted > 0)
            Evaluate(new EvaluatePolicy(FinalEvaluation, latestStep, last, wanted));
        else
            Complete(null);

        void Next(EvaluatePolicy request, EvaluationResult? result)
        {
            if (ReferenceEquals(request.Parameters, last))
            {
                ofLast = result;
                if (ReferenceEquals(best, last) || best.AsSpan().SequenceEqual(last))
                    Complete(result);
                else
                    Evaluate(new EvaluatePolicy(FinalEvaluation, latestStep, best, wanted));
            }
            else
                Complete(result);
        }

        void Complete(EvaluationResult? ofBest)
        {
            var steps = shape.GlobalStep;
            var summary = new RunSummary(
                plan.Settings.Algorithm, plan.Env.Id, plan.Settings.Seed, plan.Settings.Workers, EngineName,
                steps, shape.Updates, ended.WallSeconds, steps / ended.WallSeconds,
                evaluations.Solved?.Step, evaluations.Solved?.Seconds, ofLast, ofBest, faults, shape.PolicyLag,
                ended.Reason, ended.Detail, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(last))));
            var result = new RunResult(summary, new TrainedPolicy(plan, last), new TrainedPolicy(plan, best));
            metrics.Tell(new RunFinished(result));
            Context.Watch(metrics);
            metrics.Tell(PoisonPill.Instance);
            Become(() => Receive<Terminated>(_ => completion.TrySetResult(result)));
        }
    }

    /// <summary>The index of the evaluations at the end: last and best policy play the same episodes.</summary>
    private const int FinalEvaluation = -1;
}
