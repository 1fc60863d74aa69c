using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs.Tests;

public class TimeLimitTests
{
    private readonly float[] observation = new float[1];

    [Fact]
    public void An_episode_at_its_limit_is_truncated_and_not_terminated()
    {
        using var env = new TimeLimit(new StubEnv([[0]]), 3);
        env.Reset(1, observation);
        Assert.False(env.Step([0], observation).EpisodeEnded);
        Assert.False(env.Step([0], observation).EpisodeEnded);
        Assert.Equal(new StepResult(0, Terminated: false, Truncated: true), env.Step([0], observation));
    }

    [Fact]
    public void An_episode_that_terminates_at_its_limit_is_both()
    {
        using var env = new TimeLimit(new StubEnv([[0]], terminatesAfter: 2), 2);
        env.Reset(1, observation);
        env.Step([0], observation);
        Assert.Equal(new StepResult(0, Terminated: true, Truncated: true), env.Step([0], observation));
    }

    [Fact]
    public void A_reset_starts_the_count_again()
    {
        using var env = new TimeLimit(new StubEnv([[0]]), 2);
        env.Reset(1, observation);
        env.Step([0], observation);
        env.Reset(null, observation);
        Assert.False(env.Step([0], observation).Truncated);
    }

    [Fact]
    public void A_restored_episode_is_truncated_when_the_captured_one_would_be()
    {
        using var env = new TimeLimit(new StubEnv([[0]]), 2);
        env.Reset(1, observation);
        env.Step([0], observation);
        using var restored = new TimeLimit(new StubEnv([[0]]), 2);
        restored.RestoreState(Captured.By(env.CaptureState));
        Assert.True(restored.Step([0], observation).Truncated);
    }
}
