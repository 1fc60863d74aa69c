using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Gradients;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// The learner of the asynchronous shape: serializes the application of gradients, so that workers need no lock, counts the global
/// step and tells every worker, rollout by rollout, how many steps it still has.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of refused gradients, progress, evaluations and the end. Supervises nobody.</para>
/// <para>In: <see cref="AttachWorker"/>, <see cref="ApplyGradient"/>, <see cref="PolicyEvaluated"/>, <see cref="EvaluationFailed"/>, <see cref="EndTraining"/>.
/// Out: <see cref="RolloutGranted"/>, <see cref="EvaluatePolicy"/>, <see cref="GradientRefused"/>, <see cref="TrainingEnded"/>, run events.</para>
/// <para>In deterministic mode gradients are applied in the order of the workers' numbers, turn by turn, and the turn waits for an evaluation's result.</para>
/// <para>On failure it is stopped, and the supervisor ends the run with a report.</para>
/// </remarks>
public sealed class ParameterServer : ReceiveActor
{
    private readonly RunSettings settings;
    private readonly GlobalParameters global;
    private readonly EvaluationHistory evaluations;
    private readonly RunClock clock;
    private readonly int rolloutSteps;
    private readonly Seat[] seats;
    private float[]? evaluationVector;
    private bool evaluationRunning;
    private long nextEvaluation;
    private long nextReport;
    private (long Step, double Seconds) lastReport;
    private int turn;
    private bool spent;
    private bool ended;

    /// <summary>A worker's place: its current loan while it waits here, and what it has been granted while it does not.</summary>
    private sealed class Seat
    {
        public int Life = -1;
        public int Granted;
        public GradientLoan? Waiting;
        public bool CarriesGradient;
        public RolloutGranted? Grant;
    }

    /// <summary>Made by the run supervisor.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="global">θ and what belongs to it.</param>
    /// <param name="evaluations">What the evaluations add up to.</param>
    /// <param name="clock">The run's seconds.</param>
    /// <param name="rolloutSteps">t_max.</param>
    public ParameterServer(RunSettings settings, GlobalParameters global, EvaluationHistory evaluations, RunClock clock, int rolloutSteps)
    {
        (this.settings, this.global, this.evaluations, this.clock, this.rolloutSteps) = (settings, global, evaluations, clock, rolloutSteps);
        seats = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Seat())];
        nextEvaluation = settings.Evaluation.IntervalSteps > 0 ? settings.Evaluation.IntervalSteps : long.MaxValue;
        nextReport = settings.Metrics.IntervalSteps;

        Receive<ApplyGradient>(message => Arrive(message.Loan, carriesGradient: true));
        Receive<AttachWorker>(message => Attach(message.Loan));
        Receive<PolicyEvaluated>(message => TakeEvaluation(message));
        Receive<EvaluationFailed>(_ => AfterEvaluation(reusable: null));
        Receive<EndTraining>(message => End(message.Reason, message.Detail));
    }

    private void Attach(GradientLoan loan)
    {
        var seat = seats[loan.Worker];
        if (ended || loan.Life <= seat.Life)
            return;
        global.Steps.Settle(seat.Granted, applied: 0);
        (seat.Life, seat.Granted, seat.Grant) = (loan.Life, 0, new RolloutGranted(loan));
        Arrive(loan, carriesGradient: false);
    }

    /// <summary>A loan came home: apply what it carries, now or in its turn, and lend it out again.</summary>
    private void Arrive(GradientLoan loan, bool carriesGradient)
    {
        var seat = seats[loan.Worker];
        if (ended || loan.Life != seat.Life)
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
        while (!ended && !AwaitsEvaluation && seats[turn].Waiting is not null)
        {
            var seat = seats[turn];
            turn = (turn + 1) % seats.Length;
            Serve(seat);
        }
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
        if (global.Steps.Applied >= nextReport)
            Report();
        if (global.Steps.Applied >= nextEvaluation && !evaluationRunning)
            Evaluate();
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
        (loan.Version, loan.Steps, loan.Episode) = (global.Version, steps, null);
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
        Context.Parent.Tell(new TrainingEnded(reason, detail, clock.Seconds));
    }
}
