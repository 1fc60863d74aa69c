using System.Numerics.Tensors;
using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Gradients;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// The learner of the asynchronous shape: serializes the application of gradients, so that workers need no lock, counts the global
/// step and tells every worker, rollout by rollout, how many steps it still has.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of refused gradients, progress, evaluations and the end. Supervises nobody.</para>
/// <para>In: <see cref="AttachWorker"/>, <see cref="ApplyGradient"/>, <see cref="WorkerCaptured"/>, <see cref="SnapshotSettled"/>, <see cref="PolicyEvaluated"/>, <see cref="EvaluationFailed"/>, <see cref="EndTraining"/>.
/// Out: <see cref="RolloutGranted"/>, <see cref="CaptureWorker"/>, <see cref="StateCaptured"/>, <see cref="EvaluatePolicy"/>, <see cref="GradientRefused"/>, <see cref="TrainingEnded"/>, run events.</para>
/// <para>In deterministic mode gradients are applied in the order of the workers' numbers, turn by turn, and the turn waits for an evaluation's result.</para>
/// <para>A snapshot is one memory copy. In deterministic mode it waits until every loan is home and takes the gradients that are still to be
/// applied, and the workers' states, along: nothing depends on when, so that a run goes the same way with snapshots and without.</para>
/// <para>On restart its state is what the supervisor restored: the last snapshot's or the initial one. Workers attach anew, and what they still send for its former life is refused.</para>
/// </remarks>
public sealed class ParameterServer : ReceiveActor
{
    private readonly RunSettings settings;
    private readonly GlobalParameters global;
    private readonly EvaluationHistory evaluations;
    private readonly RunClock clock;
    private readonly int rolloutSteps;
    private readonly LearnerSnapshots? snapshots;
    private readonly Seat[] seats;
    private float[]? evaluationVector;
    private bool evaluationRunning;
    private long nextEvaluation;
    private long nextReport;
    private (long Step, double Seconds) lastReport;
    private int turn;
    private bool spent;
    private bool ended;
    private bool capturing;
    private bool workersAsked;
    private EndTraining? endAfterCapture;
    private int refusedInARow;

    /// <summary>A worker's place: its current loan while it waits here, and what it has been granted while it does not.</summary>
    private sealed class Seat
    {
        public int Life = -1;
        public int Granted;
        public GradientLoan? Waiting;
        public bool CarriesGradient;
        public RolloutGranted? Grant;
        public byte[]? State;
    }

    /// <summary>Made by the run supervisor.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="global">θ and what belongs to it.</param>
    /// <param name="evaluations">What the evaluations add up to.</param>
    /// <param name="clock">The run's seconds.</param>
    /// <param name="rolloutSteps">t_max.</param>
    public ParameterServer(RunSettings settings, GlobalParameters global, EvaluationHistory evaluations, RunClock clock, int rolloutSteps)
        : this(settings, global, evaluations, clock, rolloutSteps, null) { }

    /// <summary>Made by the run supervisor of a run that takes snapshots.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="global">θ and what belongs to it.</param>
    /// <param name="evaluations">What the evaluations add up to.</param>
    /// <param name="clock">The run's seconds.</param>
    /// <param name="rolloutSteps">t_max.</param>
    /// <param name="snapshots">When one is due, and what to go on from.</param>
    public ParameterServer(RunSettings settings, GlobalParameters global, EvaluationHistory evaluations, RunClock clock, int rolloutSteps, LearnerSnapshots? snapshots)
    {
        (this.settings, this.global, this.evaluations, this.clock, this.rolloutSteps, this.snapshots) = (settings, global, evaluations, clock, rolloutSteps, snapshots);
        seats = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Seat())];
        nextEvaluation = settings.Evaluation.IntervalSteps > 0 ? settings.Evaluation.IntervalSteps : long.MaxValue;
        nextReport = settings.Metrics.IntervalSteps;
        if (snapshots?.Restored is { } state)
            Restore(state);

        Receive<ApplyGradient>(message => Arrive(message.Loan, carriesGradient: true));
        Receive<AttachWorker>(message => Attach(message));
        Receive<PolicyEvaluated>(message => TakeEvaluation(message));
        Receive<EvaluationFailed>(_ => AfterEvaluation(reusable: null));
        Receive<WorkerCaptured>(message => Take(message));
        Receive<SnapshotSettled>(message => snapshots!.Settle(message.Reusable));
        Receive<EndTraining>(message => EndOnRequest(message));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        // A run that is resumed may have been over when its snapshot was taken.
        spent = global.Steps.IsSpent;
        if (evaluations.Solved is not null && settings.StopWhenSolved)
            End(StopReasons.Solved, null);
        else if (spent)
            End(StopReasons.Completed, null);
    }

    private void Attach(AttachWorker message)
    {
        var loan = message.Loan;
        var seat = seats[loan.Worker];
        if (ended || loan.Incarnation != global.Incarnation || loan.Life <= seat.Life)
            return;
        if (loan.Life > 0)
            RequireFiniteParameters();
        if (!message.Resumes)
        {
            global.Steps.Settle(seat.Granted, applied: 0);
            seat.Granted = 0;
        }
        (seat.Life, seat.Grant, seat.State) = (loan.Life, new RolloutGranted(loan), null);
        if (workersAsked)
            loan.Holder.Tell(new CaptureWorker(global.Incarnation));
        Arrive(loan, message.CarriesGradient);
    }

    /// <summary>A loan came home: apply what it carries, now or in its turn, and lend it out again.</summary>
    private void Arrive(GradientLoan loan, bool carriesGradient)
    {
        var seat = seats[loan.Worker];
        if (loan.Incarnation != global.Incarnation)
            Context.Parent.Tell(new GradientRefused(loan.Worker, global.Steps.Applied, FaultKind.StaleGradient));
        if (ended || loan.Life != seat.Life || loan.Incarnation != global.Incarnation)
            return;
        (seat.Waiting, seat.CarriesGradient) = (loan, carriesGradient);
        if (settings.Deterministic)
            ServeInTurn();
        else if (!AwaitsEvaluation)
            Serve(seat);
    }

    private void ServeInTurn()
    {
        // Stops at the first worker that is still out on a rollout. One that waits without a gradient had no steps left to make; it
        // is asked again each turn, and passed over while what is left is out with the others.
        while (!ended && !AwaitsEvaluation && !capturing && seats[turn].Waiting is not null)
        {
            var seat = seats[turn];
            turn = (turn + 1) % seats.Length;
            Serve(seat);
        }
        if (capturing)
            CaptureWorkers();
    }

    private void Serve(Seat seat)
    {
        var stepsCameFree = false;
        if (seat is { CarriesGradient: true, Waiting: { } loan } && !ended && !AwaitsEvaluation)
            stepsCameFree = Apply(seat, loan);
        Grant(seat);
        if (stepsCameFree && !settings.Deterministic)
            foreach (var other in seats)
                Grant(other);
    }

    /// <summary>
    /// Training pauses for an evaluation in deterministic mode; for one that may end the run, so that the last policy is the one that
    /// was found to solve the env; and when the next one is due before it is done, so that each interval gets its evaluation.
    /// </summary>
    private bool AwaitsEvaluation => evaluationRunning
        && (settings.Deterministic || global.Steps.Applied >= nextEvaluation || (settings.StopWhenSolved && evaluations.NextMaySolve));

    /// <summary>Applies or refuses a gradient; returns whether some of the steps granted for it were not used up.</summary>
    private bool Apply(Seat seat, GradientLoan loan)
    {
        seat.CarriesGradient = false;
        var refusal = global.Apply(loan);
        var applied = refusal is null ? loan.Steps : 0;
        var stepsCameFree = applied < seat.Granted;
        global.Steps.Settle(seat.Granted, applied);
        seat.Granted = 0;
        if (refusal is { } kind)
            Context.Parent.Tell(new GradientRefused(loan.Worker, global.Steps.Applied, kind));
        GuardAgainstDivergence(refusal);
        if (global.Steps.Applied >= nextReport)
            Report();
        if (global.Steps.Applied >= nextEvaluation && !evaluationRunning)
            Evaluate();
        if (snapshots?.IsDue(global.Steps.Applied, global.Version, clock.Seconds) == true)
            BeginSnapshot();
        spent = global.Steps.IsSpent;
        if (spent && !evaluationRunning)
            End(StopReasons.Completed, null);
        return stepsCameFree;
    }

    private void Grant(Seat seat)
    {
        if (ended || AwaitsEvaluation || seat.Waiting is not { } loan || seat.CarriesGradient)
            return;
        var steps = global.Steps.Grant(rolloutSteps);
        if (steps == 0)
            return;
        global.Parameters.CopyTo(loan.Vector, 0);
        (loan.Version, loan.Steps, loan.Episode, loan.Incarnation) = (global.Version, steps, null, global.Incarnation);
        (seat.Granted, seat.Waiting) = (steps, null);
        loan.Holder.Tell(seat.Grant!);
    }

    private void Evaluate()
    {
        var step = global.Steps.Applied;
        nextEvaluation = (step / settings.Evaluation.IntervalSteps + 1) * settings.Evaluation.IntervalSteps;
        evaluationRunning = true;
        var vector = evaluationVector ?? new float[global.Parameters.Length];
        evaluationVector = null;
        global.Parameters.CopyTo(vector, 0);
        Context.Parent.Tell(new EvaluatePolicy(evaluations.Count, step, vector, settings.Evaluation.Episodes));
    }

    private void TakeEvaluation(PolicyEvaluated message)
    {
        var (request, result) = message;
        var seconds = clock.Seconds;
        var isBest = evaluations.Add(request.GlobalStep, seconds, result, request.Parameters);
        ReadOnlyMemory<float> best = isBest ? request.Parameters.ToArray() : default;
        Context.Parent.Tell(new EvaluationReported(request.GlobalStep, seconds, result, isBest, best));
        if (evaluations.Solved is not null && settings.StopWhenSolved)
            End(StopReasons.Solved, null);
        AfterEvaluation(request.Parameters);
    }

    /// <param name="reusable">The vector that came back; null when its borrower may still read it.</param>
    private void AfterEvaluation(float[]? reusable)
    {
        evaluationVector = reusable;
        evaluationRunning = false;
        if (global.Steps.Applied >= nextEvaluation && !ended)
            Evaluate();
        if (spent && !evaluationRunning)
            End(StopReasons.Completed, null);
        else if (settings.Deterministic)
            ServeInTurn();
        else
            foreach (var seat in seats)
                Serve(seat);
    }

    private void Report()
    {
        var (step, seconds) = (global.Steps.Applied, clock.Seconds);
        nextReport = (step / settings.Metrics.IntervalSteps + 1) * settings.Metrics.IntervalSteps;
        var losses = global.Statistics.TakeLosses();
        Context.Parent.Tell(new ProgressReported(
            step, global.Version, seconds, (step - lastReport.Step) / (seconds - lastReport.Seconds),
            global.Statistics.Episodes, global.Statistics.MeanReturn, global.Statistics.MeanLength,
            losses.Policy, losses.Value, losses.Entropy, losses.GradientNorm, global.LearningRate,
            global.PolicyLag, new FaultCounts()));
        lastReport = (step, seconds);
    }

    private void End(string reason, string? detail)
    {
        if (ended)
            return;
        ended = true;
        if (global.Steps.Applied > lastReport.Step)
            Report();
        if (IsWorthKeeping(reason))
            Capture();
        Context.Parent.Tell(new TrainingEnded(reason, detail, clock.Seconds));
    }

    private void EndOnRequest(EndTraining message)
    {
        var waitsForWorkers = message.Reason == StopReasons.Stopped && snapshots is { IsOn: true, IsExact: true } && endAfterCapture is null && !spent;
        if (!waitsForWorkers)
        {
            End(message.Reason, message.Detail);
            return;
        }
        (endAfterCapture, capturing) = (message, true);
        ServeInTurn();
    }

    /// <summary>
    /// A stopped run is always kept. One that is finished only when the database is open anyway: it would take longer to open than
    /// to train anew what ended before the first snapshot was due.
    /// </summary>
    private bool IsWorthKeeping(string reason) => snapshots is { IsOn: true }
        && (reason == StopReasons.Stopped || (reason != StopReasons.Failed && snapshots.Taken > 0))
        && HasFiniteParameters;

    private void BeginSnapshot()
    {
        if (snapshots!.IsExact)
            capturing = true;
        else
            Capture();
    }

    /// <summary>Every loan is home: asks the workers for their states. Each worker answers at once, for it has nothing else to do.</summary>
    private void CaptureWorkers()
    {
        if (ended || workersAsked || evaluationRunning || seats.Any(seat => seat.Waiting is null))
            return;
        workersAsked = true;
        foreach (var seat in seats)
        {
            seat.State = null;
            seat.Waiting!.Holder.Tell(new CaptureWorker(global.Incarnation));
        }
    }

    private void Take(WorkerCaptured message)
    {
        var seat = seats[message.Worker];
        if (ended || !workersAsked || message.Life != seat.Life || message.Incarnation != global.Incarnation)
            return;
        seat.State = message.State;
        if (seats.Any(other => other.State is null))
            return;
        if (endAfterCapture is { } end)
        {
            End(end.Reason, end.Detail);
            return;
        }
        Capture();
        (capturing, workersAsked) = (false, false);
        ServeInTurn();
    }

    private void Capture()
    {
        RequireFiniteParameters();
        var (step, seconds) = (global.Steps.Applied, clock.Seconds);
        var state = snapshots!.Begin(step, global.Version, seconds);
        global.Capture(state);
        evaluations.Capture(state);
        // An evaluation that runs is not in the history yet: it is made again.
        state.Write("next-evaluation", evaluationRunning ? step : nextEvaluation);
        state.Write("next-report", nextReport);
        state.Write("last-report.step", lastReport.Step);
        state.Write("last-report.seconds", lastReport.Seconds);
        state.Write("turn", turn);
        var isExact = snapshots.IsExact && seats.All(seat => seat is { Waiting: not null, State: not null });
        for (var worker = 0; worker < seats.Length; worker++)
        {
            var seat = seats[worker];
            CapturedWorkers.CaptureLife(state, worker, seat.Life);
            if (isExact)
                CapturedWorkers.Capture(state, seat.Waiting!, seat.Granted, seat.CarriesGradient, seat.State!);
        }
        Context.Parent.Tell(new StateCaptured(state, step, global.Version, isExact));
    }

    private void Restore(RunState state)
    {
        // A longer run evaluates on from where it is.
        nextEvaluation = settings.Evaluation.IntervalSteps > 0 ? state.Whole("next-evaluation") : long.MaxValue;
        nextReport = state.Whole("next-report");
        lastReport = (state.Whole("last-report.step"), state.Real("last-report.seconds"));
        if (!snapshots!.IsExact)
            return;
        turn = (int)state.Whole("turn");
        for (var worker = 0; worker < seats.Length; worker++)
            seats[worker].Granted = CapturedWorkers.Granted(state, worker);
    }

    /// <summary>
    /// Gradients are clipped, and a non-finite one is refused; parameters can blow up all the same. It shows when parameters are not
    /// finite, or when no gradient is any more. A worker that had to be replaced may have acted on such parameters.
    /// </summary>
    private void GuardAgainstDivergence(FaultKind? refusal)
    {
        if (refusal != FaultKind.NonFiniteGradient)
        {
            refusedInARow = 0;
            return;
        }
        RequireFiniteParameters();
        if (++refusedInARow >= RefusalsInARow)
            throw new DivergenceException($"The last {refusedInARow} gradients were not finite.");
    }

    private void RequireFiniteParameters()
    {
        if (!HasFiniteParameters)
            throw new DivergenceException("The parameters are not finite any more.");
    }

    /// <summary>A sum of absolute values is finite only if every one is; it may overflow only where the run is lost anyway.</summary>
    private bool HasFiniteParameters => float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(global.Parameters));

    private const int RefusalsInARow = 20;
}
