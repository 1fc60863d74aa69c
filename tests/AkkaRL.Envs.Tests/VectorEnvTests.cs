namespace AkkaRL.Envs.Tests;

public class VectorEnvTests
{
    [Fact]
    public void An_ended_episodes_last_observation_is_kept_beside_the_next_ones_first()
    {
        using var envs = new VectorEnv([new StubEnv([[10], [11], [12]], [1], terminatesAfter: 1), new StubEnv([[20], [21], [22]], [2])]);
        var step = new Batch(envs);
        envs.Reset([1, 2], step.Observations);
        Assert.Equal([10, 20], step.Observations);

        step.Take(envs);

        Assert.Equal([11, 21], step.FinalObservations);
        Assert.Equal([12, 21], step.Observations);
        Assert.Equal([1, 2], step.Rewards);
        Assert.Equal([true, false], step.Terminated);
    }

    [Fact]
    public void Each_env_runs_as_it_would_alone()
    {
        using var envs = new VectorEnv(Enumerable.Range(0, 3).Select(_ => EnvCatalog.BuiltIn.Make("CartPole-v1")));
        var step = new Batch(envs);
        envs.Reset([5, 6, 7], step.Observations);
        using var alone = EnvCatalog.BuiltIn.Make("CartPole-v1");
        var observation = new float[4];
        alone.Reset(6, observation);
        for (var i = 0; i < 200; i++)
        {
            step.Take(envs);
            var result = alone.Step([0], observation);
            Assert.Equal(observation, step.FinalObservations[4..8]);
            Assert.Equal((result.Terminated, result.Truncated), (step.Terminated[1], step.Truncated[1]));
            if (result.EpisodeEnded)
                alone.Reset(null, observation);
            Assert.Equal(observation, step.Observations[4..8]);
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var envs = new VectorEnv(Enumerable.Range(0, 4).Select(_ => EnvCatalog.BuiltIn.Make("CartPole-v1")));
        var step = new Batch(envs);
        envs.Reset([1, 2, 3, 4], step.Observations);
        step.Take(envs);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            step.Take(envs);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Restored_envs_go_on_as_the_captured_ones()
    {
        static VectorEnv Make() => new([EnvCatalog.BuiltIn.Make("Taxi-v3"), EnvCatalog.BuiltIn.Make("Taxi-v3")]);
        using var envs = Make();
        using var restored = Make();
        var (step, again) = (new Batch(envs), new Batch(restored));
        envs.Reset([1, 2], step.Observations);
        restored.RestoreState(Captured.By(envs.CaptureState));
        for (var i = 0; i < 250; i++)
        {
            step.Take(envs);
            again.Take(restored);
            Assert.Equal(step.Observations, again.Observations);
        }
    }

    [Fact]
    public void Envs_of_different_spaces_are_refused() =>
        Assert.Throws<ArgumentException>(() => new VectorEnv([EnvCatalog.BuiltIn.Make("CartPole-v1"), EnvCatalog.BuiltIn.Make("Pendulum-v1")]));

    [Fact]
    public void A_buffer_of_the_wrong_length_is_refused()
    {
        using var envs = new VectorEnv([new StubEnv([[0]])]);
        Assert.Throws<ArgumentException>(() => envs.Reset([1, 2], new float[1]));
    }

    private sealed class Batch(VectorEnv envs)
    {
        public float[] Actions { get; } = new float[envs.Count];
        public float[] Observations { get; } = new float[envs.Count * envs.ObservationSpace.Size];
        public float[] Rewards { get; } = new float[envs.Count];
        public bool[] Terminated { get; } = new bool[envs.Count];
        public bool[] Truncated { get; } = new bool[envs.Count];
        public float[] FinalObservations { get; } = new float[envs.Count * envs.ObservationSpace.Size];

        public void Take(VectorEnv stepped) => stepped.Step(Actions, Observations, Rewards, Terminated, Truncated, FinalObservations);
    }
}
