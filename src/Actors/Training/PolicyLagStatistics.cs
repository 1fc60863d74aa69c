using AkkaRL.Actors.Persistence;

namespace AkkaRL.Actors.Training;

/// <summary>Smallest, mean and largest policy lag so far.</summary>
public sealed class PolicyLagStatistics
{
    private long count, minimum = long.MaxValue, maximum;
    private double sum;

    /// <summary>The range; zeros before the first gradient.</summary>
    public PolicyLagRange Range => count == 0 ? new PolicyLagRange(0, 0, 0) : new PolicyLagRange(minimum, sum / count, maximum);

    /// <summary>Writes what <see cref="Restore"/> reads.</summary>
    public void Capture(RunState state)
    {
        state.Write("lag.count", count);
        state.Write("lag.minimum", minimum);
        state.Write("lag.maximum", maximum);
        state.Write("lag.sum", sum);
    }

    /// <summary>Goes on from a snapshot; from nothing without one.</summary>
    public void Restore(RunState? state) => (count, minimum, maximum, sum) = state is null
        ? (0, long.MaxValue, 0, 0)
        : (state.Whole("lag.count"), state.Whole("lag.minimum"), state.Whole("lag.maximum"), state.Real("lag.sum"));

    /// <summary>Counts one gradient's lag.</summary>
    public void Add(long lag)
    {
        count++;
        sum += lag;
        minimum = Math.Min(minimum, lag);
        maximum = Math.Max(maximum, lag);
    }
}
