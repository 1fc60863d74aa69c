using AkkaRL.Envs.Traces;

namespace AkkaRL.Envs.Tests;

/// <summary>Every env repeats the episodes recorded under Gymnasium 0.29, from the seed on.</summary>
public class GymnasiumTraceTests
{
    [Theory]
    [InlineData("CartPole-v1", 0)]
    [InlineData("MountainCar-v0", 0)]
    [InlineData("MountainCarContinuous-v0", 0)]
    [InlineData("Pendulum-v1", 1e-12)] // its rewards alone; see the env
    [InlineData("Acrobot-v1", 0)]
    [InlineData("FrozenLake-v1", 0)]
    [InlineData("CliffWalking-v0", 0)]
    [InlineData("Taxi-v3", 0)]
    public void An_env_repeats_the_recorded_episodes(string id, double tolerance)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "traces", id + ".json"));

        var verdict = TraceReplay.Run(EnvTrace.Read(file), EnvCatalog.BuiltIn);

        Assert.Equal(0, verdict.LargestObservationDeviation);
        Assert.True(verdict.AgreesWithin(tolerance), verdict.ToString());
    }
}
