using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Replay;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Experience;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Replay;

/// <summary>
/// The learner of the replay shape. Round by round: every worker makes its share of env steps with the latest policy, the transitions are
/// remembered in the workers' order, then the updates that are due are made, one minibatch after the other.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of faults, progress, evaluations and the end. Watches the replay and the target network, and fails when one stops.</para>
/// <para>In: <see cref="Experience.AttachWorker"/>, <see cref="StepsMade"/> from workers; <see cref="TransitionsStored"/>, <see cref="MinibatchSampled"/> from the replay;
/// <see cref="ParametersTracked"/>, <see cref="TargetsEvaluated"/> from the target network; <see cref="PartCaptured"/>, <see cref="PartRestored"/> from both; <see cref="PolicyEvaluated"/>,
/// <see cref="EvaluationFailed"/>, <see cref="SnapshotSettled"/>, <see cref="PartFailed"/>, <see cref="EndTraining"/>. Out: what these answer, <see cref="StateCaptured"/>, <see cref="EvaluatePolicy"/>, <see cref="TrainingEnded"/>, run events.</para>
/// <para>Deterministic for a seed and a number of workers, whatever the threads do. The replay may fill the next minibatch while an update is
/// computed, and the target network judge it when no move of its own lies between; a prioritized replay waits for each update's errors. With
/// the fused engine both run on this actor's thread as it sends to them, and a crew helps with the batches.</para>
/// <para>On restart its state is what the supervisor restored, the last snapshot's or the initial one, and both parts are told to go on from
/// there; what they and the workers still send for its former life is refused. Runs on a thread of its own.</para>
/// </remarks>
public sealed class ReplayLearner : ReceiveActor
{
    private readonly RunSettings settings;
    private readonly ReplaySettings hyperparameters;
    private readonly ReplayRounds rounds;
    private readonly IReplayUpdate update;
    private readonly TrainingStatistics statistics;
    private readonly LearnerDuties duties;
    private readonly RoundSnapshots keeping;
    private readonly DivergenceGuard divergence = new();
    private readonly LearnerSnapshots? snapshots;
    private readonly long incarnation;
    private readonly LearningRateSchedule learningRate;
    private readonly float learningRateFactor;
    private readonly IActorRef replay;
    private readonly IActorRef target;
    private readonly int policySize;
    private readonly Seat[] seats;
    private readonly Stack<float[]> freeVectors = new();
    private readonly Stack<Minibatch> freeMinibatches = new();
    private readonly Queue<Minibatch> sampled = new();
    private bool roundOpen;
    private int storing;
    private long sampling;
    private int judging;
    private bool predicted;
    private int restoring;

    /// <summary>A worker's place: its loan, and what it still has to do in this round.</summary>
    private sealed class Seat
    {
        public ExperienceLoan? Loan;
        public int Share;
        public bool IsOut;
    }

    /// <summary>Made by the replay shape.</summary>
    public ReplayLearner(
        RunPlan plan, ReplaySettings hyperparameters, ReplayRounds rounds, Func<IReplayUpdate> makeUpdate, Func<Minibatch> makeMinibatch,
        EvaluationHistory evaluations, RunClock clock, IActorRef replay, IActorRef target, LearnerSnapshots? snapshots = null)
    {
        (settings, this.hyperparameters, this.rounds, this.replay, this.target) = (plan.Settings, hyperparameters, rounds, replay, target);
        (this.snapshots, incarnation, learningRateFactor) = (snapshots, snapshots?.Incarnation ?? 1, (float)(snapshots?.LearningRateFactor ?? 1));
        update = makeUpdate();
        policySize = plan.Layout.Count;
        learningRate = new LearningRateSchedule((float)hyperparameters.LearningRate, (float)hyperparameters.FinalLearningRate, settings.TotalSteps);
        statistics = new TrainingStatistics(settings.Metrics.EpisodeWindow);
        duties = new LearnerDuties(settings, statistics, evaluations, clock, Context.Parent, row => row with
        {
            Updates = rounds.Updates,
            LearningRate = LearningRate,
        })
        {
            Postpones = (reason, detail) => keeping!.Postpone(reason, detail),
        };
        keeping = new RoundSnapshots(snapshots, settings.Workers, clock, Context.Parent)
        {
            Parts = [replay, target],
            IsBetweenRounds = () => IsRoundOver,
            Position = () => (rounds.Steps, rounds.Updates),
            Capture = state =>
            {
                Capture(state);
                evaluations.Capture(state);
            },
            GoOn = GoOn,
            End = duties.End,
        };
        seats = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Seat())];
        // Two, so that one is filled and judged while the other is learnt from; errors of the one before decide a prioritized replay's next.
        for (var i = 0; i < (hyperparameters.Prioritized ? 1 : 2); i++)
            freeMinibatches.Push(makeMinibatch());
        Context.Watch(replay);
        Context.Watch(target);

        Receive<Experience.AttachWorker>(message => Attach(message.Loan));
        Receive<StepsMade>(message => Arrive(message.Loan));
        // Before a part has gone back, its answers are to a former life.
        Receive<TransitionsStored>(_ => restoring == 0, _ => AfterStoring());
        Receive<MinibatchSampled>(_ => restoring == 0, message => Take(message.Minibatch));
        Receive<TargetsEvaluated>(_ => restoring == 0, message => Update(message.Minibatch));
        Receive<ParametersTracked>(message => freeVectors.Push(message.Parameters));
        Receive<PartRestored>(message => AfterRestoring(message));
        Receive<WorkerCaptured>(keeping.Take);
        Receive<PartCaptured>(keeping.Take);
        Receive<SnapshotSettled>(keeping.Take);
        Receive<PartFailed>(message => throw new PartFailedException($"The {message.Part} threw {message.Reason}"));
        Receive<PolicyEvaluated>(message => AfterEvaluation(() => duties.Take(message, Policy)));
        Receive<EvaluationFailed>(_ => AfterEvaluation(() => duties.TakeFailure(Policy)));
        Receive<EndTraining>(message => duties.End(message.Reason, message.Detail));
        Receive<Terminated>(_ => !duties.HasEnded, message => throw new PartFailedException($"The {message.ActorRef.Path.Name} stopped."));

        if (snapshots?.Restored is { } restored)
            Restore(restored);
    }

    /// <summary>The part of the parameters that acts [P].</summary>
    private ReadOnlySpan<float> Policy => update.Parameters[..policySize];

    private float LearningRate => learningRate.At(rounds.Steps) * learningRateFactor;

    /// <summary>Whether all steps of a round are remembered, and learnt from as far as they have to be.</summary>
    private bool IsRoundOver => !roundOpen && storing == 0 && rounds.UpdatesDue == 0;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (snapshots is { FollowsAnother: true })
            foreach (var part in (ReadOnlySpan<IActorRef>)[replay, target])
            {
                restoring++;
                part.Tell(new RestorePart(snapshots.Restored, incarnation));
            }
        duties.Begin(rounds.Steps);
        GoOn();
    }

    /// <inheritdoc/>
    protected override void PostStop() => update.Dispose();

    private void AfterRestoring(PartRestored message)
    {
        if (message.Incarnation == incarnation && --restoring == 0)
            GoOn();
    }

    private void Attach(ExperienceLoan loan)
    {
        var seat = seats[loan.Worker];
        if (loan.Incarnation != incarnation || (seat.Loan is { } former && loan.Life <= former.Life))
            return;
        // A worker that had to be replaced may have acted on parameters that have blown up.
        if (loan.Life > 0)
            DivergenceGuard.RequireFinite(update.Parameters);
        (seat.Loan, seat.IsOut) = (loan, false);
        keeping.Attach(loan.Worker, loan.Life, loan.Holder);
        Grant(seat);
    }

    private void BeginRound()
    {
        roundOpen = true;
        for (var worker = 0; worker < seats.Length; worker++)
        {
            seats[worker].Share = rounds.ShareOf(worker);
            Grant(seats[worker]);
        }
    }

    private void Grant(Seat seat)
    {
        if (duties.HasEnded || !roundOpen || seat.IsOut || seat.Share == 0 || seat.Loan is not { } loan)
            return;
        seat.IsOut = true;
        update.Parameters[..loan.Parameters.Length].CopyTo(loan.Parameters);
        (loan.FirstStep, loan.Steps) = (rounds.Steps, seat.Share);
        loan.Holder.Tell(loan.Granted);
    }

    private void Arrive(ExperienceLoan loan)
    {
        var seat = seats[loan.Worker];
        if (duties.HasEnded || !roundOpen || loan != seat.Loan)
            return;
        seat.IsOut = false;
        seat.Share = 0;
        if (Array.TrueForAll(seats, other => other.Share == 0))
            CloseRound();
    }

    private void CloseRound()
    {
        roundOpen = false;
        foreach (var seat in seats)
        {
            if (seat.Loan is not { Steps: > 0 } loan)
                continue;
            rounds.Complete(loan.Steps);
            loan.Steps = 0;
            foreach (var episode in loan.Episodes)
                statistics.Add(episode);
            storing++;
            replay.Tell(loan.Store);
        }
        while (freeMinibatches.Count > 0 && sampling < rounds.UpdatesDue)
            Request(freeMinibatches.Pop());
    }

    private void Request(Minibatch minibatch)
    {
        sampling++;
        var progress = (double)rounds.Steps / settings.TotalSteps;
        replay.Tell(new SampleMinibatch(minibatch, hyperparameters.ImportanceExponent + (1 - hyperparameters.ImportanceExponent) * progress));
    }

    private void AfterStoring()
    {
        storing--;
        EndRound();
    }

    private void Take(Minibatch minibatch)
    {
        sampled.Enqueue(minibatch);
        Judge();
    }

    /// <summary>Sends minibatches on to the target network, in order, as far ahead as makes no difference.</summary>
    private void Judge()
    {
        while (!duties.HasEnded && sampled.Count > 0 && (judging == 0 || (update.TargetsStandAlone && !rounds.TargetMovesWithin(judging))))
        {
            var minibatch = sampled.Dequeue();
            update.Propose(minibatch);
            target.Tell(new EvaluateTargets(minibatch));
            if (judging++ > 0)
                continue;
            update.Predict(minibatch);
            predicted = true;
        }
    }

    private void Update(Minibatch minibatch)
    {
        if (duties.HasEnded)
            return;
        if (!predicted)
            update.Predict(minibatch);
        predicted = false;
        var losses = update.Update(minibatch, LearningRate);
        var isRefused = !double.IsFinite(losses.GradientNorm);
        if (!isRefused)
            statistics.Add(losses);
        else
            Context.Parent.Tell(new WorkerFaulted(-1, FaultKind.NonFiniteGradient, "An update's gradient was not finite; the update is skipped."));
        divergence.Take(isRefused, isRefused ? update.Parameters : default);
        rounds.CountUpdate();
        sampling--;
        judging--;
        if (rounds.TargetMoves)
            MoveTarget();
        if (hyperparameters.Prioritized)
            replay.Tell(new Prioritize(minibatch));
        if (sampling < rounds.UpdatesDue)
            Request(minibatch);
        else
            freeMinibatches.Push(minibatch);
        Judge();
        EndRound();
    }

    private void MoveTarget()
    {
        if (!freeVectors.TryPop(out var vector))
            vector = new float[update.Parameters.Length];
        update.Parameters.CopyTo(vector);
        target.Tell(new TrackParameters(vector));
    }

    private void EndRound()
    {
        if (!IsRoundOver || duties.HasEnded)
            return;
        duties.Advance(rounds.Steps, Policy);
        duties.EndWhenOver();
        GoOn();
    }

    private void GoOn()
    {
        if (restoring == 0 && !duties.HasEnded && !duties.AwaitsEvaluation && !keeping.Hold() && !duties.IsSpent)
            BeginRound();
    }

    private void Capture(RunState state)
    {
        DivergenceGuard.RequireFinite(update.Parameters);
        state.Write("global-step", rounds.Steps);
        state.Write("version", rounds.Updates);
        update.Visit(new RunStateVisitor(state, isRestoring: false));
        statistics.Capture(state);
        duties.Capture(state);
    }

    private void Restore(RunState state)
    {
        update.Visit(new RunStateVisitor(state, isRestoring: true));
        statistics.Restore(state);
        duties.Restore(state);
    }

    private void AfterEvaluation(Action take)
    {
        var waited = duties.AwaitsEvaluation;
        take();
        if (waited)
            GoOn();
    }
}
