using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Training;

/// <summary>
/// What every learner does beside learning: it reports, has the policy evaluated when that is due, and says when training is over.
/// A part of the learner's actor. Nothing allocates where nothing is due.
/// </summary>
/// <param name="settings">Intervals, episodes, and when to stop.</param>
/// <param name="statistics">Losses and episodes since the last report.</param>
/// <param name="evaluations">What the evaluations add up to.</param>
/// <param name="clock">The run's seconds.</param>
/// <param name="supervisor">Who is told.</param>
/// <param name="complete">Fills in a report what only the learner knows: updates, learning rate, policy lag, and what its algorithm measures.</param>
public sealed class LearnerDuties(
    RunSettings settings, TrainingStatistics statistics, EvaluationHistory evaluations, RunClock clock, IActorRef supervisor,
    Func<ProgressReported, ProgressReported> complete)
{
    private long globalStep;
    private float[]? evaluationVector;
    private EvaluatePolicy? running;
    private long nextEvaluation = settings.Evaluation.IntervalSteps > 0 ? settings.Evaluation.IntervalSteps : long.MaxValue;
    private long nextReport = settings.Metrics.IntervalSteps;
    private (long Step, double Seconds) lastReport;

    /// <summary>Whether training waits for every evaluation.</summary>
    public bool AlwaysWaits { get; init; } = settings.Deterministic;

    /// <summary>Asked with the reason and its detail when training is over: whether the end has to wait, and is told anew when it can come.</summary>
    public Func<string, string?, bool>? Postpones { get; init; }

    /// <summary>Called with the reason when training is over, after the last report and before the supervisor hears of the end.</summary>
    public Action<string>? Ending { get; init; }

    /// <summary>Whether training is over: nothing may change any more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether every env step of the run has been applied.</summary>
    public bool IsSpent => globalStep == settings.TotalSteps;

    /// <summary>
    /// Training pauses for an evaluation in deterministic mode; for one that may end the run, so that the last policy is the one that
    /// was found to solve the env; and when the next one is due before it is done, so that each interval gets its evaluation.
    /// </summary>
    public bool AwaitsEvaluation => running is not null
        && (AlwaysWaits || globalStep >= nextEvaluation || (settings.StopWhenSolved && evaluations.NextMaySolve));

    /// <summary>Goes on from this global step. A run that is resumed may have been over when its snapshot was taken.</summary>
    public void Begin(long reached)
    {
        globalStep = reached;
        if (running is not null)
            supervisor.Tell(running);
        EndWhenOver();
    }

    /// <summary>An update was applied, or refused: report and evaluate, if that is due. <see cref="EndWhenOver"/> comes next.</summary>
    /// <param name="reached">The global step.</param>
    /// <param name="policy">The policy's parameters [P].</param>
    public void Advance(long reached, ReadOnlySpan<float> policy)
    {
        globalStep = reached;
        if (globalStep >= nextReport)
            Report();
        EvaluateWhenDue(policy);
    }

    /// <summary>Ends a run that is solved, or whose env steps are spent; the latter waits for its evaluation.</summary>
    public void EndWhenOver()
    {
        if (EndsSolved)
            End(StopReasons.Solved, null);
        else if (IsSpent && running is null)
            End(StopReasons.Completed, null);
    }

    /// <summary>Takes an evaluation's result, which may end training. The next one, if it is due by now, is asked for at once.</summary>
    /// <param name="message">The result.</param>
    /// <param name="policy">The policy's parameters, as they are now [P].</param>
    public void Take(PolicyEvaluated message, ReadOnlySpan<float> policy)
    {
        var (request, result) = message;
        // Too late: whoever hears of the end reads the history from then on. Or asked by a former life of the learner.
        if (HasEnded || !ReferenceEquals(request, running))
            return;
        var seconds = clock.Seconds;
        var isBest = evaluations.Add(request.GlobalStep, seconds, result, request.Parameters);
        ReadOnlyMemory<float> best = isBest ? request.Parameters.ToArray() : default;
        supervisor.Tell(new EvaluationReported(request.GlobalStep, seconds, result, isBest, best));
        evaluationVector = request.Parameters;
        AfterEvaluation(policy);
    }

    /// <summary>An evaluation gave no result. Its vector is not used again: the borrower may still read it.</summary>
    /// <param name="policy">The policy's parameters, as they are now [P].</param>
    public void TakeFailure(ReadOnlySpan<float> policy) => AfterEvaluation(policy);

    /// <summary>Training is over; once.</summary>
    public void End(string reason, string? detail)
    {
        if (HasEnded || Postpones?.Invoke(reason, detail) == true)
            return;
        HasEnded = true;
        if (globalStep > lastReport.Step)
            Report();
        Ending?.Invoke(reason);
        supervisor.Tell(new TrainingEnded(reason, detail, clock.Seconds));
    }

    /// <summary>Writes what <see cref="Restore"/> reads. The statistics and the evaluations' history are captured by those who own them.</summary>
    public void Capture(RunState state)
    {
        state.Write("next-evaluation", nextEvaluation);
        if (running is not null)
        {
            // It is not in the history yet: it is made again. Its borrower only reads the parameters.
            state.Write("evaluation.step", running.GlobalStep);
            state.Write("evaluation.parameters", running.Parameters.AsSpan());
        }
        state.Write("next-report", nextReport);
        state.Write("last-report.step", lastReport.Step);
        state.Write("last-report.seconds", lastReport.Seconds);
    }

    /// <summary>Goes on from a snapshot.</summary>
    public void Restore(RunState state)
    {
        // A longer run evaluates on from where it is.
        nextEvaluation = settings.Evaluation.IntervalSteps > 0 ? state.Whole("next-evaluation") : long.MaxValue;
        if (state.Has("evaluation.step") && settings.Evaluation.IntervalSteps > 0)
            running = Request(state.Whole("evaluation.step"), state.Vector("evaluation.parameters").ToArray());
        nextReport = state.Whole("next-report");
        lastReport = (state.Whole("last-report.step"), state.Real("last-report.seconds"));
    }

    private bool EndsSolved => settings.StopWhenSolved && evaluations.Solved is not null;

    private void AfterEvaluation(ReadOnlySpan<float> policy)
    {
        running = null;
        if (!HasEnded && !EndsSolved)
            EvaluateWhenDue(policy);
        EndWhenOver();
    }

    private void EvaluateWhenDue(ReadOnlySpan<float> policy)
    {
        if (globalStep < nextEvaluation || running is not null)
            return;
        nextEvaluation = After(globalStep, settings.Evaluation.IntervalSteps);
        var vector = evaluationVector ?? new float[policy.Length];
        evaluationVector = null;
        policy.CopyTo(vector);
        running = Request(globalStep, vector);
        supervisor.Tell(running);
    }

    private EvaluatePolicy Request(long step, float[] parameters) => new(evaluations.Count, step, parameters, settings.Evaluation.Episodes);

    private void Report()
    {
        var seconds = clock.Seconds;
        nextReport = After(globalStep, settings.Metrics.IntervalSteps);
        var losses = statistics.TakeLosses();
        supervisor.Tell(complete(new ProgressReported(
            globalStep, Updates: 0, seconds, (globalStep - lastReport.Step) / (seconds - lastReport.Seconds),
            statistics.Episodes, statistics.MeanReturn, statistics.MeanLength,
            losses.Policy, losses.Value, losses.Entropy, losses.GradientNorm, LearningRate: 0,
            new PolicyLagRange(0, 0, 0), new FaultCounts())));
        lastReport = (globalStep, seconds);
    }

    /// <summary>The first multiple of the interval after this step.</summary>
    private static long After(long step, long interval) => (step / interval + 1) * interval;
}
