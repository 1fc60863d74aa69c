using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Training;

/// <summary>Owns one training run: starts its actors, counts faults against the budget, and makes the result when training is over.</summary>
/// <remarks>
/// <para>Parent: /user. Supervises the learner, the worker pool, the evaluator and the metrics publisher; each is stopped when it throws.
/// A learner that throws is restarted from the last snapshot taken in this process, or else from where the process began; a pool that throws ends the run with a report;
/// an evaluator that throws or hangs is made anew.</para>
/// <para>In: run events and <see cref="TrainingEnded"/> from the learner, <see cref="WorkerFaulted"/> from the pool,
/// <see cref="EvaluatePolicy"/> from the learner and its answer from the evaluator, <see cref="StateCaptured"/> from the learner and its answer from the keeper of snapshots,
/// <see cref="EndTraining"/> from whoever started the run.</para>
/// </remarks>
public sealed class RunSupervisor : ReceiveActor, IWithTimers
{
    private readonly RunPlan plan;
    private readonly EvaluationHistory evaluations;
    private readonly TaskCompletionSource<RunResult> completion;
    private readonly TimeProvider time;
    private readonly SnapshotStorage? storage;
    private readonly Func<TrainingShape, IActorRef, Props>? poolOf;
    private readonly IActorRef metrics;
    private readonly SnapshotQueue snapshots;
    private TrainingShape shape = null!; // until training begins
    private RunClock clock = null!;
    private IActorRef pool = ActorRefs.Nobody;
    private IActorRef learner = ActorRefs.Nobody;
    private IActorRef keeper = ActorRefs.Nobody;
    private readonly EvaluatorSeat evaluator;
    private FaultCounts faults = new();
    private long latestStep;
    private long rows;
    private string? learnerFailure;
    private EndTraining? endWanted;

    private int rollbacks;
    private RunResumed? resumed;
    private bool isFenced;

    /// <summary>Made by <see cref="TrainingRun"/>.</summary>
    /// <param name="plan">What to train.</param>
    /// <param name="listener">Is told every run event; may be null.</param>
    /// <param name="completion">Receives the result.</param>
    /// <param name="time">Where time comes from.</param>
    public RunSupervisor(RunPlan plan, Action<RunEvent>? listener, TaskCompletionSource<RunResult> completion, TimeProvider time)
        : this(plan, listener, completion, time, null) { }

    /// <summary>Made by <see cref="TrainingRun"/>.</summary>
    /// <param name="plan">What to train.</param>
    /// <param name="listener">Is told every run event; may be null.</param>
    /// <param name="completion">Receives the result.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="storage">Where snapshots go, and whether to go on from one; null for none.</param>
    /// <param name="poolOf">What keeps the workers, for a shape and its learner; null for a <see cref="WorkerPool"/>, in this process.</param>
    public RunSupervisor(
        RunPlan plan, Action<RunEvent>? listener, TaskCompletionSource<RunResult> completion, TimeProvider time, SnapshotStorage? storage, Func<TrainingShape, IActorRef, Props>? poolOf = null)
    {
        (this.plan, this.completion, this.time, this.poolOf) = (plan, completion, time, poolOf);
        this.storage = plan.Settings.Snapshots.Enabled ? storage : null;
        snapshots = new SnapshotQueue(request => keeper.Tell(request), reusable => learner.Tell(new SnapshotSettled(reusable)));
        evaluations = new EvaluationHistory(plan.Env.SolvedAt);
        metrics = Context.ActorOf(Props.Create(() => new MetricsPublisher(listener)), "metrics");
        evaluator = new EvaluatorSeat(plan, Context, () => Timers);
        if (storage is not null)
        {
            var keep = plan.Settings.Snapshots.Keep;
            keeper = Context.ActorOf(Props.Create(() => new SnapshotKeeper(storage, keep, time)), "snapshots");
        }
        if (storage is { Resume: true })
        {
            keeper.Tell(new TakeOver());
            Resuming();
        }
        else
            Begin(new TakenOver(Incarnation: 1, null, null, []));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private string EngineName => plan.Engine.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new StopAndReport((child, cause) =>
    {
        var (kind, message) = FaultCause.Of(cause);
        if (child.Equals(learner) && cause is not ActorInitializationException)
            return RestartLearner(cause, message);
        if (child.Equals(learner))
            learnerFailure = $"The learner cannot be made: {message}.";
        else if (child.Equals(pool))
            learner.Tell(new EndTraining(StopReasons.Failed, $"The worker pool threw {message}"));
        else if (shape?.Parts.Contains(child) == true)
            return RestartPart(child, cause, message);
        else if (!child.Equals(keeper))
            Self.Tell(new EvaluatorSeat.EvaluationLost(child, kind, $"An evaluation failed: {message}"));
        return false;
    });

    /// <summary>The run belongs to another life, or to another process; what it left is being read.</summary>
    private void Resuming()
    {
        Receive<TakenOver>(found =>
        {
            try
            {
                Begin(found);
            }
            catch (InvalidSnapshotException invalid)
            {
                completion.TrySetException(new SnapshotStorageException($"The snapshot at step {found.Info?.GlobalStep} is refused: {invalid.Message} Resume the run with the settings that it was made with."));
                return;
            }
            if (endWanted is not null)
                learner.Tell(endWanted);
        });
        Receive<NotTakenOver>(refusal => completion.TrySetException(new SnapshotStorageException($"The run cannot be resumed: its snapshots cannot be read. {refusal.Reason}")));
        Receive<EndTraining>(message => endWanted = message);
    }

    /// <summary>Training begins, from what was found or from the start.</summary>
    private void Begin(TakenOver found)
    {
        var (incarnation, info, state, refused) = found;
        clock = new RunClock(time, info?.WallSeconds ?? 0);
        shape = plan.Algorithm.MakeShape(plan, evaluations, clock);
        shape.Incarnation = incarnation;
        (shape.Snapshots.IsOn, shape.Snapshots.Segments) = (storage is not null, storage?.Database.Segments);
        shape.Snapshots.Prepare();
        if (info is not null)
        {
            (faults, rollbacks, rows, latestStep, snapshots.Newest) = (info.Faults, info.Rollbacks, info.Rows, info.GlobalStep, state);
            shape.Restore(state);
            shape.LearningRateFactor = Math.Pow(plan.Settings.Divergence.LearningRateFactor, rollbacks);
        }
        metrics.Tell(new RunStarted(plan.Settings, EngineName, plan.Layout.Count, plan.Env.SolvedAt));
        if (storage is { Resume: true })
        {
            resumed = new RunResumed(latestStep, clock.Seconds, incarnation, info?.IsExact ?? plan.IsDeterministic, rows, evaluations.BestStep, refused);
            metrics.Tell(resumed);
        }
        foreach (var reason in refused)
            Count(-1, FaultKind.Storage, reason);
        learner = Context.Watch(shape.StartLearner(Context));
        StartPool();
        Become(Training);
    }

    private void StartPool(string name = "workers")
    {
        var makeWorker = shape.WorkerOf(learner);
        var (settings, watch, firstLife) = (plan.Settings, time, (Func<int, int>)shape.Snapshots.FirstLife);
        pool = Context.ActorOf(poolOf?.Invoke(shape, learner) ?? Props.Create(() => new WorkerPool(settings.Workers, makeWorker, settings.Faults, watch, firstLife)), name);
    }

    /// <summary>A part of the learner is made anew, and the learner goes back with it; one that cannot be made ends the run.</summary>
    private bool RestartPart(IActorRef part, Exception cause, string message)
    {
        var canBeMade = cause is not ActorInitializationException;
        learner.Tell(canBeMade
            ? new PartFailed(part.Path.Name, message)
            : new EndTraining(StopReasons.Failed, $"The {part.Path.Name} cannot be made: {message}"));
        return canBeMade;
    }

    /// <summary>
    /// Puts the state back before the learner's next life begins: it is suspended meanwhile. Workers keep their envs and attach anew,
    /// but go back too where the run is to be exact.
    /// </summary>
    private bool RestartLearner(Exception cause, string message)
    {
        var diverged = cause is DivergenceException;
        if (diverged)
            rollbacks++;
        shape.Incarnation++;
        evaluator.Close();
        shape.Restore(snapshots.Newest);
        shape.LearningRateFactor = Math.Pow(plan.Settings.Divergence.LearningRateFactor, rollbacks);
        var back = $"The run goes on from step {shape.GlobalStep}{(snapshots.Newest is null ? ", its start" : "")}";
        if (diverged && rollbacks > plan.Settings.Divergence.MaximumRollbacks)
            learner.Tell(new EndTraining(StopReasons.Failed,
                $"Learning diverged {rollbacks} times, more often than akkarl.divergence.maximum-rollbacks ({plan.Settings.Divergence.MaximumRollbacks}) allows. {cause.Message} Lower the learning rate, or clip gradients to a smaller norm."));
        Count(-1, diverged ? FaultKind.Divergence : FaultKind.Learner, diverged
            ? $"Learning diverged: {cause.Message} {back}, the learning rate {shape.LearningRateFactor:0.###} of what is set."
            : $"{(cause is PartFailedException ? cause.Message : $"The learner threw {message}")} {back}.");
        if (plan.IsDeterministic)
        {
            Context.Stop(pool);
            StartPool($"workers-{shape.Incarnation}");
        }
        else
            pool.Tell(new LearnerRestarted(shape.Incarnation));
        if (endWanted is { } end)
            learner.Tell(end); // its former life may have thrown before it ended
        return true;
    }

    /// <summary>The learner captured its state: to the database with it, with what the supervisor knows.</summary>
    private void Keep(StateCaptured captured)
    {
        var info = new SnapshotInfo
        {
            Algorithm = plan.Settings.Algorithm,
            Environment = plan.Env.Id,
            Seed = plan.Settings.Seed,
            GlobalStep = captured.GlobalStep,
            Updates = captured.Updates,
            WallSeconds = clock.Seconds,
            Incarnation = shape.Incarnation,
            CreatedAt = time.GetUtcNow(),
            IsExact = captured.IsExact,
            Rows = rows,
            Rollbacks = rollbacks,
            Faults = faults,
        };
        snapshots.Add(new StoreSnapshot(info, captured.State) { PauseSeconds = captured.PauseSeconds });
    }

    private void TakeStored(SnapshotStored stored)
    {
        var pause = snapshots.Storing?.PauseSeconds ?? 0;
        snapshots.Settle(stored);
        metrics.Tell(new SnapshotSaved(stored.Info.GlobalStep, stored.Bytes, stored.Seconds, pause));
    }

    private void TakeFailure(SnapshotNotStored failure)
    {
        Count(-1, FaultKind.Storage, $"A snapshot could not be stored. {failure.Reason}");
        isFenced |= failure.IsFenced;
        if (failure.IsFenced || plan.Settings.Snapshots.OnFailure == StorageRemedy.Stop)
            learner.Tell(new EndTraining(StopReasons.Failed, failure.IsFenced ? failure.Reason : $"A snapshot could not be stored, and akkarl.snapshots.on-failure is stop. {failure.Reason}"));
        snapshots.Settle(null);
    }

    /// <summary>Tells the listener what belongs in the run's files, and counts it.</summary>
    private void Publish(RunEvent row)
    {
        rows++;
        metrics.Tell(row);
    }

    private void Training()
    {
        Receive<ProgressReported>(progress =>
        {
            latestStep = progress.GlobalStep;
            Publish(progress with { Faults = faults });
        });
        Receive<EvaluationReported>(Publish);
        Receive<StateCaptured>(Keep);
        Receive<SnapshotStored>(TakeStored);
        Receive<SnapshotNotStored>(TakeFailure);
        Receive<WorkerFaulted>(fault => Count(fault.Worker, fault.Kind, fault.Message));
        Receive<GradientRefused>(refusal => Count(refusal.Worker, refusal.Kind, refusal.Kind switch
        {
            FaultKind.PolicyLag => "Its gradient was older than akkarl.policy-lag.maximum; it is dropped and its env steps are made again.",
            FaultKind.StaleGradient => "Its gradient was for a former life of the learner; it is refused, its env steps are made again.",
            _ => "Its gradient was not finite; it is refused, its env steps are made again with fresh parameters.",
        }));
        Receive<EvaluatePolicy>(evaluator.Evaluate);
        Receive<PolicyEvaluated>(answer =>
        {
            if (evaluator.Close(answer.Request))
                learner.Tell(answer);
        });
        Receive<EvaluatorSeat.EvaluationLost>(lost =>
        {
            if (Abandon(lost) is { } request)
                learner.Tell(new EvaluationFailed(request, lost.Message));
        });
        Receive<EndTraining>(message => learner.Tell(endWanted = message));
        Receive<TrainingEnded>(Finish);
        Receive<Terminated>(_ => Finish(new TrainingEnded(
            StopReasons.Failed, $"{learnerFailure ?? "The learner stopped."} What it had learned is in the last policy, but may be half an update old.", clock.Seconds)));
    }

    private EvaluatePolicy? Abandon(EvaluatorSeat.EvaluationLost lost)
    {
        var request = evaluator.Replace(lost);
        if (request is not null)
            Count(-1, lost.Kind, lost.Message);
        return request;
    }

    private void Count(int worker, FaultKind kind, string message)
    {
        faults = faults.With(kind);
        Publish(new FaultReported(latestStep, worker, kind, message));
        if (faults.Total > plan.Settings.Faults.Budget)
            learner.Tell(new EndTraining(
                StopReasons.Failed,
                $"{faults.Total} faults are more than akkarl.faults.budget ({plan.Settings.Faults.Budget}) allows. The latest, of {(worker >= 0 ? $"worker {worker}" : kind is FaultKind.Learner or FaultKind.Divergence ? "the learner" : kind is FaultKind.Storage ? "the snapshots" : "the evaluator")}: {message} Mend the env, or raise the budget."));
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
                if (evaluator.Close(answer.Request))
                    Next(answer.Request, answer.Result);
            });
            Receive<EvaluatorSeat.EvaluationLost>(lost =>
            {
                if (Abandon(lost) is { } request)
                    Next(request, null);
            });
            Receive<SnapshotStored>(TakeStored);
            Receive<SnapshotNotStored>(TakeFailure);
            Receive<EndTraining>(_ => Conclude(null));
            ReceiveAny(_ => { });
        });
        if (wanted > 0)
            evaluator.Evaluate(new EvaluatePolicy(FinalEvaluation, latestStep, last, wanted));
        else
            Conclude(null);

        void Next(EvaluatePolicy request, EvaluationResult? result)
        {
            if (ReferenceEquals(request.Parameters, last))
            {
                ofLast = result;
                if (ReferenceEquals(best, last) || best.AsSpan().SequenceEqual(last))
                    Conclude(result);
                else
                    evaluator.Evaluate(new EvaluatePolicy(FinalEvaluation, latestStep, best, wanted));
            }
            else
                Conclude(result);
        }

        // A snapshot that is on its way is waited for: it is answered, whatever happens to the database.
        void Conclude(EvaluationResult? ofBest) => snapshots.WhenIdle(() => Complete(ofBest));

        void Complete(EvaluationResult? ofBest)
        {
            var steps = shape.GlobalStep;
            var summary = new RunSummary(
                plan.Settings.Algorithm, plan.Env.Id, plan.Settings.Seed, plan.Settings.Workers, EngineName,
                steps, shape.Updates, ended.WallSeconds, steps / ended.WallSeconds,
                evaluations.Solved?.Step, evaluations.Solved?.Seconds, ofLast, ofBest, faults, shape.PolicyLag,
                ended.Reason, ended.Detail, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(last))),
                new SnapshotSummary(shape.Incarnation, resumed?.GlobalStep, resumed?.IsExact, snapshots.Saved, snapshots.SafeStep)) { IsFenced = isFenced };
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
