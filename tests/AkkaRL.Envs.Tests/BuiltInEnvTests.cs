namespace AkkaRL.Envs.Tests;

/// <summary>What every built-in env promises.</summary>
public class BuiltInEnvTests
{
    public static TheoryData<string> Ids => [.. EnvCatalog.BuiltIn.All.Select(spec => spec.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void The_same_seed_gives_the_same_episodes(string id) => RandomPlay.AssertSame(Begun(id), Begun(id), 600);

    [Theory, MemberData(nameof(Ids))]
    public void Observations_are_members_of_their_space(string id)
    {
        var env = Begun(id);
        Assert.All(RandomPlay.Of(env, 3, 600).Observations, observation => Assert.True(env.ObservationSpace.Contains(observation)));
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_restored_env_goes_on_as_the_captured_one_across_resets(string id)
    {
        var env = Begun(id);
        RandomPlay.Of(env, actionSeed: 3, steps: 7);
        var reader = Captured.By(env.CaptureState);
        var restored = EnvCatalog.BuiltIn.Make(id);
        restored.RestoreState(reader);

        Assert.True(env.CanCaptureState);
        RandomPlay.AssertSame(env, restored, 1200);
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_step_allocates_nothing(string id)
    {
        var env = Begun(id);
        var (action, observation) = (new float[env.ActionSpace.Size], new float[env.ObservationSpace.Size]);
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
                if (env.Step(action, observation).EpisodeEnded)
                    env.Reset(seed: null, observation);
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void The_first_reset_needs_a_seed(string id)
    {
        var env = EnvCatalog.BuiltIn.Make(id);
        var thrown = Assert.Throws<InvalidOperationException>(() => env.Reset(seed: null, new float[env.ObservationSpace.Size]));
        Assert.Contains("give its first Reset a seed", thrown.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_step_before_the_first_reset_is_refused(string id)
    {
        var env = EnvCatalog.BuiltIn.Make(id);
        var thrown = Assert.Throws<InvalidOperationException>(() => env.Step(new float[env.ActionSpace.Size], new float[env.ObservationSpace.Size]));
        Assert.Contains("call Reset with a seed", thrown.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_step_after_the_episode_has_ended_is_refused(string id)
    {
        var env = EnvCatalog.Make(EnvCatalog.BuiltIn.Find(id) with { MaximumEpisodeSteps = 300 });
        var observation = new float[env.ObservationSpace.Size];
        env.Reset(1, observation);
        var thrown = Assert.Throws<InvalidOperationException>(() =>
        {
            for (var i = 0; i <= 300; i++)
                env.Step(new float[env.ActionSpace.Size], observation);
        });
        Assert.Contains("call Reset before the next Step", thrown.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ids))]
    public void An_action_that_is_not_a_number_is_refused(string id)
    {
        var env = Begun(id);
        Assert.Throws<ArgumentException>(() => env.Step([float.NaN], new float[env.ObservationSpace.Size]));
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(2f)]
    [InlineData(0.5f)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NaN)]
    public void A_discrete_action_outside_its_space_is_refused(float action)
    {
        var thrown = Assert.Throws<ArgumentException>(() => Begun("CartPole-v1").Step([action], new float[4]));
        Assert.Contains("one integer from 0 to 1", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pendulum-v1")]
    [InlineData("MountainCarContinuous-v0")]
    public void A_continuous_action_beyond_its_bounds_is_clipped(string id)
    {
        var (beyond, within) = (Begun(id), Begun(id));
        var (first, second) = (new float[beyond.ObservationSpace.Size], new float[beyond.ObservationSpace.Size]);
        beyond.Step([50], first);
        within.Step([((Box)within.ActionSpace).High[0]], second);
        Assert.Equal(second, first);
    }

    private static IEnv Begun(string id)
    {
        var env = EnvCatalog.BuiltIn.Make(id);
        env.Reset(1, new float[env.ObservationSpace.Size]);
        return env;
    }
}
