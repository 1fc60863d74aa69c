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

    /// <summary>Global step and seconds of the first of three consecutive evaluations at or over the mark.</summary>
    public (long Step, double Seconds)? Solved { get; private set; }

    /// <summary>Whether one more evaluation over the mark would make the env count as solved.</summary>
    public bool NextMaySolve => Solved is null && streak == SustainedEvaluations - 1;

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
        Best = result;
        BestParameters ??= new float[parameters.Length];
        parameters.CopyTo(BestParameters);
        return true;
    }
}
