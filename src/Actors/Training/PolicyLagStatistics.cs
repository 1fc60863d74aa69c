namespace AkkaRL.Actors.Training;

/// <summary>Smallest, mean and largest policy lag so far.</summary>
public sealed class PolicyLagStatistics
{
    private long count, minimum = long.MaxValue, maximum;
    private double sum;

    /// <summary>The range; zeros before the first gradient.</summary>
    public PolicyLagRange Range => count == 0 ? new PolicyLagRange(0, 0, 0) : new PolicyLagRange(minimum, sum / count, maximum);

    /// <summary>Counts one gradient's lag.</summary>
    public void Add(long lag)
    {
        count++;
        sum += lag;
        minimum = Math.Min(minimum, lag);
        maximum = Math.Max(maximum, lag);
    }
}
