using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Training;

public class PolicyLagStatisticsTests
{
    [Fact]
    public void Without_gradients_the_lag_is_zero() => Assert.Equal(new PolicyLagRange(0, 0, 0), new PolicyLagStatistics().Range);

    [Fact]
    public void The_range_is_the_smallest_the_mean_and_the_largest_lag()
    {
        var lag = new PolicyLagStatistics();
        foreach (var value in (long[])[3, 1, 8])
            lag.Add(value);
        Assert.Equal(new PolicyLagRange(1, 4, 8), lag.Range);
    }
}
