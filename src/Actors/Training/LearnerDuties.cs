using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Training;

/// <summary>How far a learner is.</summary>
/// <param name="GlobalStep">Env steps applied.</param>
/// <param name="Updates">Updates applied.</param>
/// <param name="LearningRate">Of the latest update.</param>
/// <param name="PolicyLag">Over the run so far.</param>
public readonly record struct LearnerProgress(long GlobalStep, long Updates, double LearningRate, PolicyLagRange PolicyLag);

/// <summary>What every learner does beside learning: it reports, has the policy evaluated when that is due, and says when training is over. A part of the learner's actor.</summary>
/// <param name="settings">Intervals, episodes, and when to stop.</param>
/// <param name="evaluations">What the evaluations add up to.</param>
/// <param name="clock">The run's seconds.</param>
/// <param name="supervisor">Who is told.</param>
public sealed class LearnerDuties(RunSettings settings, EvaluationHistory evaluations, RunClock clock, IActorRef supervisor)
{
    private float[]? evaluationVector;
    private bool evaluationRunning;
    private bool spent;
    private long nextEvaluation = settings.Evaluation.IntervalSteps > 0 ? settings.Evaluation.IntervalSteps : long.MaxValue;
    private long nextReport = settings.Metrics.IntervalSteps;
    private (long Step, double Seconds) lastReport;
    private LearnerProgress progress = new(0, 0, 0, new PolicyLagRange(0, 0, 0));

    /// <summary>Losses and episodes since the last report.</summary>
    public TrainingStatistics Statistics { get; } = new(settings.Metrics.EpisodeWindow);

    /// <summary>Whether training is over: nothing may change any more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>
    /// Training pauses for an evaluation in deterministic mode, and for one that may end the run: the last policy is then the one
    /// that was found to solve the env, not one some hundred updates on.
    /// </summary>
    public bool AwaitsEvaluation => evaluationRunning && (settings.Deterministic || (settings.StopWhenSolved && evaluations.NextMaySolve));

    /// <summary>The global step moved: report, evaluate or end, whatever is due.</summary>
    /// <param name="reached">How far training is.</param>
    /// <param name="policy">The policy's parameters [P].</param>
    /// <param name="isSpent">Whether every env step of the run has been applied.</param>
    public void Advance(LearnerProgress reached, ReadOnlySpan<float> policy, bool isSpent)
    {
        (progress, spent) = (reached, isSpent);
        if (progress.GlobalStep >= nextReport)
            Report();
        if (progress.GlobalStep >= nextEvaluation && !evaluationRunning)
            Evaluate(policy);
        if (spent && !evaluationRunning)
            End(StopReasons.Completed, null);
    }

    /// <summary>Takes an evaluation's result, which may end training.</summary>
    public void Take(PolicyEvaluated message)
    {
        var (request, result) = message;
        var seconds = clock.Seconds;
        var isBest = evaluations.Add(request.GlobalStep, seconds, result, request.Parameters);
        ReadOnlyMemory<float> best = isBest ? request.Parameters.ToArray() : default;
        supervisor.Tell(new EvaluationReported(request.GlobalStep, seconds, result, isBest, best));
        evaluationVector = request.Parameters;
        if (evaluations.Solved is not null && settings.StopWhenSolved)
            End(StopReasons.Solved, null);
        AfterEvaluation();
    }

    /// <summary>An evaluation gave no result; its borrower may still read the vector.</summary>
    public void TakeFailure() => AfterEvaluation();

    /// <summary>Training is over; once.</summary>
    public void End(string reason, string? detail)
    {
        if (HasEnded)
            return;
        HasEnded = true;
        if (progress.GlobalStep > lastReport.Step)
            Report();
        supervisor.Tell(new TrainingEnded(reason, detail, clock.Seconds));
    }

    private void AfterEvaluation()
    {
        evaluationRunning = false;
        if (spent)
            End(StopReasons.Completed, null);
    }

    private void Evaluate(ReadOnlySpan<float> policy)
    {
        var step = progress.GlobalStep;
        nextEvaluation = (step / settings.Evaluation.IntervalSteps + 1) * settings.Evaluation.IntervalSteps;
        evaluationRunning = true;
        var vector = evaluationVector ?? new float[policy.Length];
        evaluationVector = null;
        policy.CopyTo(vector);
        supervisor.Tell(new EvaluatePolicy(evaluations.Count, step, vector, settings.Evaluation.Episodes));
    }

    private void Report()
    {
        var (step, seconds) = (progress.GlobalStep, clock.Seconds);
        nextReport = (step / settings.Metrics.IntervalSteps + 1) * settings.Metrics.IntervalSteps;
        var losses = Statistics.TakeLosses();
        supervisor.Tell(new ProgressReported(
            step, progress.Updates, seconds, (step - lastReport.Step) / (seconds - lastReport.Seconds),
            Statistics.Episodes, Statistics.MeanReturn, Statistics.MeanLength,
            losses.Policy, losses.Value, losses.Entropy, losses.GradientNorm, progress.LearningRate,
            progress.PolicyLag, new FaultCounts()));
        lastReport = (step, seconds);
    }
}
