using AkkaRL.Actors.Persistence;

namespace AkkaRL.Actors.Training;

/// <summary>What the evaluations of a run add up to: the best policy, and since when the env counts as solved.</summary>
/// <param name="solvedAt">The env's mark; null when it has none.</param>
public sealed class EvaluationHistory(double? solvedAt)
{
    /// <summary>Evaluations in a row at or over the mark that count as solved.</summary>
    public const int SustainedEvaluations = 3;

    private int streak;
    private (long Step, double Seconds) streakStart;

    /// <summary>Evaluations so far.</summary>
    public int Count { get; private set; }

    /// <summary>The best evaluation's parameters [P]; null before the first.</summary>
    public float[]? BestParameters { get; private set; }

    /// <summary>The best evaluation; of equals, the latest.</summary>
    public EvaluationResult? Best { get; private set; }

    /// <summary>Global step of the best evaluation's parameters.</summary>
    public long BestStep { get; private set; }

    /// <summary>Global step and seconds of the first of three consecutive evaluations at or over the mark.</summary>
    public (long Step, double Seconds)? Solved { get; private set; }

    /// <summary>Whether one more evaluation over the mark would make the env count as solved.</summary>
    public bool NextMaySolve => Solved is null && streak == SustainedEvaluations - 1;

    /// <summary>Writes what <see cref="Restore"/> reads.</summary>
    public void Capture(RunState state)
    {
        state.Write("evaluations", Count);
        state.Write("evaluations.streak", streak);
        state.Write("evaluations.streak-step", streakStart.Step);
        state.Write("evaluations.streak-seconds", streakStart.Seconds);
        if (Solved is { } solved)
        {
            state.Write("evaluations.solved-step", solved.Step);
            state.Write("evaluations.solved-seconds", solved.Seconds);
        }
        if (Best is null)
            return;
        state.Write("evaluations.best-step", BestStep);
        state.Write("evaluations.best-episodes", Best.Episodes);
        state.Write("evaluations.best-mean", Best.Mean);
        state.Write("evaluations.best-standard-deviation", Best.StandardDeviation);
        state.Write("evaluations.best-minimum", Best.Minimum);
        state.Write("evaluations.best-maximum", Best.Maximum);
        state.Write("evaluations.best-parameters", BestParameters.AsSpan());
    }

    /// <summary>Goes on from a snapshot; from nothing without one.</summary>
    public void Restore(RunState? state)
    {
        (Count, streak, streakStart, Solved, Best, BestStep, BestParameters) = (0, 0, default, null, null, 0, null);
        if (state is null)
            return;
        Count = (int)state.Whole("evaluations");
        streak = (int)state.Whole("evaluations.streak");
        streakStart = (state.Whole("evaluations.streak-step"), state.Real("evaluations.streak-seconds"));
        if (state.Has("evaluations.solved-step"))
            Solved = (state.Whole("evaluations.solved-step"), state.Real("evaluations.solved-seconds"));
        if (!state.Has("evaluations.best-step"))
            return;
        BestStep = state.Whole("evaluations.best-step");
        Best = new EvaluationResult(
            (int)state.Whole("evaluations.best-episodes"), state.Real("evaluations.best-mean"), state.Real("evaluations.best-standard-deviation"),
            state.Real("evaluations.best-minimum"), state.Real("evaluations.best-maximum"));
        BestParameters = state.Vector("evaluations.best-parameters").ToArray();
    }

    /// <summary>Takes a result; returns whether it is the best so far.</summary>
    public bool Add(long globalStep, double seconds, EvaluationResult result, ReadOnlySpan<float> parameters)
    {
        Count++;
        streak = result.Mean >= solvedAt ? streak + 1 : 0;
        if (streak == 1)
            streakStart = (globalStep, seconds);
        if (streak == SustainedEvaluations)
            Solved ??= streakStart;
        if (Best is not null && result.Mean < Best.Mean)
            return false;
        (Best, BestStep) = (result, globalStep);
        BestParameters ??= new float[parameters.Length];
        parameters.CopyTo(BestParameters);
        return true;
    }
}
