using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Rollouts;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Synchronous;

/// <summary>
/// The learner of the synchronous shape: has every worker collect its share of a batch with the same parameters, then learns from all of
/// them, in the workers' order, and begins again.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of refused gradients, progress, evaluations and the end. Supervises nobody.</para>
/// <para>In: <see cref="AttachRolloutWorker"/>, <see cref="RolloutCollected"/>, <see cref="WorkerCaptured"/>, <see cref="SnapshotSettled"/>, <see cref="PolicyEvaluated"/>, <see cref="EvaluationFailed"/>, <see cref="EndTraining"/>.
/// Out: <see cref="CollectRollout"/>, <see cref="CaptureWorker"/>, <see cref="StateCaptured"/>, <see cref="EvaluatePolicy"/>, <see cref="GradientRefused"/>, <see cref="TrainingEnded"/>, run events.</para>
/// <para>Where the algorithm corrects for it, workers are sent on before a batch is learned from, with the parameters of before: a lag of one update, by construction.
/// A snapshot then waits until all have come home, and takes along what they have collected.</para>
/// <para>Deterministic for a seed and a number of workers, whatever the timing and the number of threads: batches are complete before
/// anything is learned, and training waits for evaluations. Only a worker's restart draws other random numbers.</para>
/// <para>On restart its state is what the supervisor restored: the last snapshot's or the initial one. Workers begin anew with it, and what
/// those of its former life still send is refused. Learns on the thread of the worker that completed a batch where that is short, else on its own.</para>
/// </remarks>
public sealed class RolloutLearner : ReceiveActor
{
    private readonly RolloutTraining training;
    private readonly LearnerDuties duties;
    private readonly bool sendsAhead;
    private readonly LearnerSnapshots? snapshots;
    private readonly RoundSnapshots rounds;
    private readonly DivergenceGuard divergence = new();
    private readonly long incarnation;
    private readonly Seat[] seats;
    private bool collecting;

    /// <summary>A worker's place.</summary>
    private sealed class Seat
    {
        public int Life = -1;

        /// <summary>The loan of its present life, while it is here.</summary>
        public RolloutLoan? Home;

        /// <summary>The message that lends it.</summary>
        public CollectRollout? Request;

        /// <summary>Its share of the batch, once it is here; may be a former life's.</summary>
        public RolloutLoan? Share;
    }

    /// <summary>Made by the run supervisor.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="training">θ and what belongs to it.</param>
    /// <param name="evaluations">What the evaluations add up to.</param>
    /// <param name="clock">The run's seconds.</param>
    /// <param name="snapshots">When one is due, and what to go on from; null for none.</param>
    /// <param name="sendsAhead">Whether workers collect the next batch while this one is learned from, with the parameters of before.</param>
    public RolloutLearner(
        RunSettings settings, RolloutTraining training, EvaluationHistory evaluations, RunClock clock, LearnerSnapshots? snapshots = null, bool sendsAhead = false)
    {
        (this.training, this.sendsAhead, this.snapshots, incarnation) = (training, sendsAhead, snapshots, snapshots?.Incarnation ?? 1);
        duties = new LearnerDuties(settings, training.Statistics, evaluations, clock, Context.Parent, Complete)
        {
            AlwaysWaits = true,
            Postpones = (reason, detail) => rounds!.Postpone(reason, detail),
        };
        rounds = new RoundSnapshots(snapshots, settings.Workers, clock, Context.Parent)
        {
            IsBetweenRounds = () => CanBeCaptured,
            Position = () => (training.GlobalStep, training.Descent.Updates),
            Capture = state =>
            {
                training.Capture(state);
                evaluations.Capture(state);
                duties.Capture(state);
                CaptureShares(state);
            },
            GoOn = GoOn,
            End = duties.End,
        };
        if (snapshots?.Restored is { } restored)
        {
            duties.Restore(restored);
            collecting = snapshots.IsExact && CapturedShares.AreIn(restored);
        }
        seats = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Seat())];

        Receive<RolloutCollected>(message => Take(message.Loan));
        Receive<AttachRolloutWorker>(message => Attach(message.Loan));
        Receive<PolicyEvaluated>(message =>
        {
            duties.Take(message, training.ActingParameters);
            GoOn();
        });
        Receive<EvaluationFailed>(_ =>
        {
            duties.TakeFailure(training.ActingParameters);
            GoOn();
        });
        Receive<WorkerCaptured>(rounds.Take);
        Receive<SnapshotSettled>(rounds.Take);
        Receive<EndTraining>(message => duties.End(message.Reason, message.Detail));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        duties.Begin(training.GlobalStep);
        GoOn();
    }

    /// <summary>The next life goes on with the same training, which is disposed of with the last.</summary>
    protected override void PreRestart(Exception reason, object message) { }

    /// <inheritdoc/>
    protected override void PostStop() => training.Dispose();

    private void Attach(RolloutLoan loan)
    {
        var seat = seats[loan.Worker];
        if (duties.HasEnded || loan.Incarnation != incarnation || loan.Life <= seat.Life)
            return;
        if (seat.Life >= 0 || snapshots is { IsExact: false })
            training.ForgetEpisodes(loan.Worker);
        (seat.Life, seat.Home, seat.Request) = (loan.Life, loan, new CollectRollout(loan));
        rounds.Attach(loan.Worker, loan.Life, loan.Holder);
        if (!collecting || seat.Share is not null)
            return;
        if (snapshots?.Restored is { } restored && snapshots.StateOf(loan.Worker, loan.Life) is not null && CapturedShares.AreIn(restored))
        {
            CapturedShares.Restore(restored, loan);
            seat.Share = loan;
            GoOn();
        }
        else
            Lend(loan.Worker);
    }

    private void BeginBatch()
    {
        collecting = true;
        foreach (var seat in seats)
            seat.Share = null;
        for (var worker = 0; worker < seats.Length; worker++)
            Lend(worker);
    }

    private void Lend(int worker)
    {
        var seat = seats[worker];
        if (seat.Home is not { } loan)
            return;
        training.Prepare(loan);
        seat.Home = null;
        loan.Holder.Tell(seat.Request!);
    }

    private void Take(RolloutLoan loan)
    {
        var seat = seats[loan.Worker];
        if (duties.HasEnded || loan.Incarnation != incarnation || loan.Life != seat.Life)
            return;
        seat.Home = seat.Share = loan;
        GoOn();
    }

    private void Learn()
    {
        collecting = false;
        var updates = training.Descent.Updates;
        training.Gather(seats.Select(seat => seat.Share!));
        if (sendsAhead && !training.IsLastBatch)
            BeginBatch();
        var refused = training.Learn();
        divergence.Take(refused > 0 && training.Descent.Updates == updates, training.Descent.Parameters);
        DivergenceGuard.RequireFinite(training.Descent.Parameters);
        for (var i = 0; i < refused; i++)
            Context.Parent.Tell(new GradientRefused(0, training.GlobalStep, FaultKind.NonFiniteGradient));
        duties.Advance(training.GlobalStep, training.ActingParameters);
        duties.EndWhenOver();
        GoOn();
    }

    private void GoOn()
    {
        if (duties.HasEnded || duties.AwaitsEvaluation || (CanBeCaptured && rounds.Hold()))
            return;
        if (!collecting)
            BeginBatch();
        else if (seats.All(seat => seat.Share is not null))
            Learn();
    }

    /// <summary>Between two batches; where the next is collected ahead, when all of it is here.</summary>
    private bool CanBeCaptured => sendsAhead ? Array.TrueForAll(seats, seat => seat.Home is not null && (!collecting || seat.Share is not null)) : !collecting;

    private void CaptureShares(RunState state)
    {
        if (!collecting || !snapshots!.IsExact)
            return;
        for (var worker = 0; worker < seats.Length; worker++)
            CapturedShares.Capture(state, worker, seats[worker].Share!);
    }

    /// <summary>The losses are the descent's: means over rows, where the statistics would take them over updates.</summary>
    private ProgressReported Complete(ProgressReported row)
    {
        var measured = training.Descent.TakeLosses();
        var losses = measured.Losses;
        return row with
        {
            Updates = training.Descent.Updates,
            PolicyLag = training.PolicyLag,
            PolicyLoss = losses.Policy,
            ValueLoss = losses.Value,
            Entropy = losses.Entropy,
            GradientNorm = losses.GradientNorm,
            LearningRate = training.Descent.LearningRate,
            Divergence = measured.Divergence,
            ClippedFraction = measured.ClippedFraction,
            EffectiveSampleFraction = measured.EffectiveSampleFraction,
        };
    }
}
