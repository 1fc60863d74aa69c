using System.Diagnostics;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs.Tests;

public class SlowedEnvTests
{
    private readonly float[] observation = new float[1];

    [Theory]
    [InlineData(2, 50)]
    [InlineData(0.4, 250)]
    public void Steps_take_as_long_as_asked_for(double milliseconds, int steps)
    {
        using var env = new SlowedEnv(new StubEnv([[7]]), TimeSpan.FromMilliseconds(milliseconds));
        env.Reset(1, observation);
        var began = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
            Assert.Equal(new StepResult(0, false, false), env.Step([0], observation));

        // Up to a millisecond may be left for the next step; no upper bound, for a busy machine may take longer.
        Assert.True(Stopwatch.GetElapsedTime(began).TotalMilliseconds >= steps * milliseconds - 2);
        Assert.Equal(7, observation[0]);
    }

    [Fact]
    public void A_negative_time_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new SlowedEnv(new StubEnv([[7]]), TimeSpan.FromMilliseconds(-1)));
}
