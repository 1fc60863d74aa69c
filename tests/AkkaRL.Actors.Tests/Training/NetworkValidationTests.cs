using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Training;

/// <summary>Networks that cannot be are refused by key, value and remedy; those that can get the engine that computes them.</summary>
public class NetworkValidationTests
{
    private static readonly NetworkSettings Memory = new() { Recurrent = RecurrentKind.LSTM }, Image = new() { Convolution = ConvolutionKind.Small };

    private static readonly Dictionary<string, RunSettings> Refused = new()
    {
        ["akkarl.network.recurrent is lstm, but akkarl.engine is fused, which computes dense layers alone; set akkarl.engine = auto or torch"] =
            new() { Network = Memory, Engine = EngineKind.Fused },
        ["akkarl.network.recurrent is lstm, but akkarl.algorithm is dqn, which learns from single transitions and has no memory to start them from; set akkarl.algorithm to one of a3c, ppo"] =
            new() { Network = Memory, Algorithm = "dqn" },
        ["akkarl.network.recurrent is lstm, but akkarl.algorithm is async-n-step-q, whose workers remember nothing of an episode; set akkarl.algorithm to one of a3c, ppo"] =
            new() { Network = Memory, Algorithm = "async-n-step-q" },
        ["akkarl.network.convolution is small, but akkarl.algorithm is async-sarsa, whose networks are dense layers alone; set akkarl.algorithm to one of a3c, ppo"] =
            new() { Network = Image, Algorithm = "async-sarsa" },
        ["akkarl.network.recurrent is lstm, but akkarl.algorithm is sac"] = new() { Network = Memory, Algorithm = "sac" },
        ["akkarl.network.recurrent is lstm, so that minibatches are whole sequences, but akkarl.ppo.minibatch-size, 16, is below akkarl.ppo.rollout-steps, 32; raise the first"] =
            new() { Network = Memory, Algorithm = "ppo", PPO = new() { MinibatchSize = 16, RolloutSteps = 32 } },
        ["below akkarl.ppo-kl.rollout-steps, 32"] = new() { Network = Memory, Algorithm = "ppo-kl", PPOKl = new() { MinibatchSize = 16, RolloutSteps = 32 } },
        ["akkarl.network.recurrent-units is 0; it must be between 1 and 4096"] = new() { Network = new() { RecurrentUnits = 0 } },
        ["akkarl.network.convolution is small, but akkarl.engine is fused"] = new() { Network = Image, Engine = EngineKind.Fused },
        ["akkarl.network.convolution is small, but akkarl.algorithm is td3, whose critics take actions beside observations; set akkarl.algorithm to one of a3c, ppo, a2c, ppo-kl, reinforce, off-policy-gradient, impala, dqn"] =
            new() { Network = Image, Algorithm = "td3" },
        ["akkarl.network.convolution is small, but akkarl.ppo.normalize-observations is on"] =
            new() { Network = Image, Algorithm = "ppo", PPO = new() { NormalizeObservations = true } },
    };

    public static TheoryData<string> Messages => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Settings_that_do_not_fit_are_refused_before_any_env_is_made(string message) =>
        Assert.Contains(message, Assert.Throws<InvalidSettingsException>(() => SettingsValidation.Validate(Refused[message])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_convolution_over_what_is_no_image_is_refused()
    {
        var error = Assert.Throws<InvalidSettingsException>(() => new RunPlan(TinyRun.Settings with { Network = Image }, TinyRun.CartPole));
        Assert.Contains("akkarl.network.convolution is small, which reads images, but CartPole-v1 has observations of Box(4). Set akkarl.network.convolution = none", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a3c")]
    [InlineData("dqn")]
    public void A_convolution_larger_than_the_image_is_refused(string algorithm)
    {
        var settings = new RunSettings { Algorithm = algorithm, Network = new() { Convolution = ConvolutionKind.Nature } };
        var error = Assert.Throws<InvalidSettingsException>(() => new RunPlan(settings, EnvCatalog.BuiltIn.Find("Catch-v0")));
        Assert.Contains("akkarl.network.convolution is nature, but a window of 4 x 4 does not fit", error.Message, StringComparison.Ordinal);
        Assert.Contains("Set akkarl.network.convolution = small", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CartPole-v1", ConvolutionKind.None, RecurrentKind.None, EngineKind.Fused)]
    [InlineData("CartPole-v1", ConvolutionKind.None, RecurrentKind.LSTM, EngineKind.Torch)]
    [InlineData("Catch-v0", ConvolutionKind.Small, RecurrentKind.None, EngineKind.Torch)]
    public void Auto_takes_the_fused_engine_where_it_serves_and_the_other_elsewhere(string env, ConvolutionKind convolution, RecurrentKind recurrent, EngineKind engine)
    {
        var settings = new RunSettings { Network = new() { Convolution = convolution, Recurrent = recurrent } };
        Assert.Equal(engine, new RunPlan(settings, EnvCatalog.BuiltIn.Find(env)).Engine);
    }

    [Theory]
    [InlineData("fused", "akkarl.engine is fused, but the run is given a network of its own")]
    [InlineData("recurrent", "akkarl.network.recurrent is lstm, but the run is given a network of its own")]
    [InlineData("convolution", "akkarl.network.convolution is small, but the run is given a network of its own")]
    [InlineData("normalized", "akkarl.ppo.normalize-observations is on, but the run is given a network of its own")]
    [InlineData("noisy", "akkarl.dqn.noisy is on, but the run is given a network of its own")]
    [InlineData("ddpg", "akkarl.algorithm is ddpg, which has critics beside the policy")]
    [InlineData("wrong", "The network that the run is given does not serve ppo on CartPole-v1: it is wrong. Make one")]
    public void Settings_that_do_not_fit_a_network_of_the_run_s_own_are_refused(string what, string message)
    {
        var settings = new RunSettings
        {
            Algorithm = what == "ddpg" ? "ddpg" : what == "noisy" ? "dqn" : "ppo",
            DQN = new() { Noisy = what == "noisy" },
            Engine = what == "fused" ? EngineKind.Fused : EngineKind.Auto,
            Network = what == "recurrent" ? Memory : what == "convolution" ? Image : new(),
            PPO = new() { NormalizeObservations = what == "normalized" },
        };
        var env = what == "ddpg" ? EnvCatalog.BuiltIn.Find("Pendulum-v1") : TinyRun.CartPole;
        var error = Assert.Throws<InvalidSettingsException>(() => new RunPlan(settings, env, new WrongNetwork()));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private sealed class WrongNetwork : INetworkFactory
    {
        public ParameterLayout LayoutOf(NetworkSpec spec) => throw new ArgumentException("it is wrong");

        public float[] InitialParameters(NetworkSpec spec, ulong seed) => throw new NotSupportedException();

        public INetwork Make(NetworkSpec spec, int rowCapacity, string device) => throw new NotSupportedException();
    }
}
