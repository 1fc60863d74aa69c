using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Rollouts;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Synchronous;

/// <summary>
/// The learner of the synchronous shape: has every worker collect its share of a batch with the same parameters, then learns from all of
/// them, in the workers' order, and begins again.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of refused gradients, progress, evaluations and the end. Supervises nobody.</para>
/// <para>In: <see cref="AttachRolloutWorker"/>, <see cref="RolloutCollected"/>, <see cref="PolicyEvaluated"/>, <see cref="EvaluationFailed"/>, <see cref="EndTraining"/>.
/// Out: <see cref="CollectRollout"/>, <see cref="EvaluatePolicy"/>, <see cref="GradientRefused"/>, <see cref="TrainingEnded"/>, run events.</para>
/// <para>Deterministic for a seed and a number of workers, whatever the timing and the number of threads: batches are complete before
/// anything is learned, and training waits for evaluations. Only a worker's restart draws other random numbers.</para>
/// <para>On failure it is stopped, and the supervisor ends the run with a report. Learns on a thread of its own.</para>
/// </remarks>
public sealed class RolloutLearner : ReceiveActor
{
    private readonly RunSettings settings;
    private readonly RolloutTraining training;
    private readonly EvaluationHistory evaluations;
    private readonly RunClock clock;
    private readonly Milestones reports;
    private readonly Milestones evaluationsDue;
    private readonly Seat[] seats;
    private (long Step, double Seconds) lastReport;
    private bool collecting;
    private bool ended;

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
    public RolloutLearner(RunSettings settings, RolloutTraining training, EvaluationHistory evaluations, RunClock clock)
    {
        (this.settings, this.training, this.evaluations, this.clock) = (settings, training, evaluations, clock);
        reports = new Milestones(settings.Metrics.IntervalSteps);
        evaluationsDue = new Milestones(settings.Evaluation.IntervalSteps);
        seats = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Seat())];

        Receive<RolloutCollected>(message => Take(message.Loan));
        Receive<AttachRolloutWorker>(message => Attach(message.Loan));
        Receive<PolicyEvaluated>(TakeEvaluation);
        Receive<EvaluationFailed>(_ => GoOn());
        Receive<EndTraining>(message => End(message.Reason, message.Detail));
    }

    /// <inheritdoc/>
    protected override void PreStart() => BeginBatch();

    /// <inheritdoc/>
    protected override void PostStop() => training.Dispose();

    private void Attach(RolloutLoan loan)
    {
        var seat = seats[loan.Worker];
        if (ended || loan.Life <= seat.Life)
            return;
        if (seat.Life >= 0)
            training.ForgetEpisodes(loan.Worker);
        (seat.Life, seat.Home, seat.Request) = (loan.Life, loan, new CollectRollout(loan));
        if (collecting && seat.Share is null)
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
        if (ended || loan.Life != seat.Life)
            return;
        seat.Home = seat.Share = loan;
        if (seats.All(other => other.Share is not null))
            Learn();
    }

    private void Learn()
    {
        collecting = false;
        var refused = training.Learn(seats.Select(seat => seat.Share!));
        for (var i = 0; i < refused; i++)
            Context.Parent.Tell(new GradientRefused(0, training.GlobalStep, FaultKind.NonFiniteGradient));
        if (reports.Reach(training.GlobalStep))
            Report();
        if (evaluationsDue.Reach(training.GlobalStep))
            Context.Parent.Tell(new EvaluatePolicy(evaluations.Count, training.GlobalStep, training.ActingParameters.ToArray(), settings.Evaluation.Episodes));
        else
            GoOn();
    }

    private void TakeEvaluation(PolicyEvaluated message)
    {
        if (ended)
            return;
        var (request, result) = message;
        var seconds = clock.Seconds;
        var isBest = evaluations.Add(request.GlobalStep, seconds, result, request.Parameters);
        Context.Parent.Tell(new EvaluationReported(request.GlobalStep, seconds, result, isBest, isBest ? request.Parameters : default(ReadOnlyMemory<float>)));
        if (evaluations.Solved is not null && settings.StopWhenSolved)
            End(StopReasons.Solved, null);
        else
            GoOn();
    }

    private void GoOn()
    {
        if (ended)
            return;
        if (training.GlobalStep == settings.TotalSteps)
            End(StopReasons.Completed, null);
        else
            BeginBatch();
    }

    private void Report()
    {
        var (step, seconds) = (training.GlobalStep, clock.Seconds);
        var measured = training.Descent.TakeLosses();
        var losses = measured.Losses;
        Context.Parent.Tell(new ProgressReported(
            step, training.Descent.Updates, seconds, (step - lastReport.Step) / (seconds - lastReport.Seconds),
            training.Statistics.Episodes, training.Statistics.MeanReturn, training.Statistics.MeanLength,
            losses.Policy, losses.Value, losses.Entropy, losses.GradientNorm, training.Descent.LearningRate,
            new PolicyLagRange(0, 0, 0), new FaultCounts())
        {
            Divergence = measured.Divergence,
            ClippedFraction = measured.ClippedFraction,
            EffectiveSampleFraction = measured.EffectiveSampleFraction,
        });
        lastReport = (step, seconds);
    }

    private void End(string reason, string? detail)
    {
        if (ended)
            return;
        ended = true;
        if (training.GlobalStep > lastReport.Step)
            Report();
        Context.Parent.Tell(new TrainingEnded(reason, detail, clock.Seconds));
    }
}
