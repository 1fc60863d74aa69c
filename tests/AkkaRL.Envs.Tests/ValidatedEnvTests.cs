using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs.Tests;

public class ValidatedEnvTests
{
    [Fact]
    public void An_observation_that_is_not_a_number_is_a_fault_of_that_call()
    {
        var fault = Assert.Throws<EnvFaultException>(() => Run(new StubEnv([[0, 0], [1, float.NaN]])));
        Assert.Equal(("Stub", "Step"), (fault.Env, fault.Call));
        Assert.Contains("observation[1]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_observation_that_is_written_in_part_is_a_fault()
    {
        var fault = Assert.Throws<EnvFaultException>(() => Run(new StubEnv([[0]], space: new Box(-1, 1, 2))));
        Assert.Equal("Reset", fault.Call);
        Assert.Contains("observation[1] was not written", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_observation_that_is_infinite_is_a_fault() =>
        Assert.Throws<EnvFaultException>(() => Run(new StubEnv([[float.PositiveInfinity]])));

    [Fact]
    public void An_index_outside_its_space_is_a_fault() =>
        Assert.Throws<EnvFaultException>(() => Run(new StubEnv([[3]], space: new Discrete(3))));

    [Fact]
    public void A_write_beyond_the_observation_is_a_fault_that_says_its_size()
    {
        var fault = Assert.Throws<EnvFaultException>(() => Run(new StubEnv([[0, 0, 0]], space: new Box(-1, 1, 2))));
        Assert.Contains("the observation takes 2 floats", fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.InnerException);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1e39)]
    public void A_reward_that_is_not_finite_in_single_precision_is_a_fault(double reward)
    {
        var fault = Assert.Throws<EnvFaultException>(() => Run(new StubEnv([[0]], [0, reward])));
        Assert.Contains("reward", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_that_was_found_within_is_told_once()
    {
        using var inner = new ValidatedEnv(EnvCatalog.BuiltIn.Make("CartPole-v1"), "CartPole");
        using var outer = new ValidatedEnv(inner, "CartPole");
        var fault = Assert.Throws<EnvFaultException>(() => outer.Reset(seed: null, new float[4]));
        Assert.DoesNotContain("failed in", fault.Message["The env CartPole failed in".Length..], StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_in_a_reset_is_a_fault_that_keeps_it()
    {
        using var env = new ValidatedEnv(EnvCatalog.BuiltIn.Make("CartPole-v1"), "CartPole");
        var fault = Assert.Throws<EnvFaultException>(() => env.Reset(seed: null, new float[4]));
        Assert.Equal("Reset", fault.Call);
        Assert.IsType<InvalidOperationException>(fault.InnerException);
    }

    [Fact]
    public void A_sound_env_behaves_as_without_the_guard()
    {
        using var guarded = new ValidatedEnv(EnvCatalog.BuiltIn.Make("CartPole-v1"), "CartPole");
        using var bare = EnvCatalog.BuiltIn.Make("CartPole-v1");
        guarded.Reset(1, new float[4]);
        bare.Reset(1, new float[4]);
        RandomPlay.AssertSame(bare, guarded, 200);
    }

    private static void Run(IEnv inner)
    {
        using var env = new ValidatedEnv(inner, "Stub");
        var observation = new float[env.ObservationSpace.Size];
        env.Reset(1, observation);
        env.Step([0], observation);
    }
}
