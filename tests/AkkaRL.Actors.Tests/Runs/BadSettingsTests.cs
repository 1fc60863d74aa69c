using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Runs;

public class BadSettingsTests
{
    /// <summary>Settings that no run is started with, by what the error says of them.</summary>
    private static readonly Dictionary<string, RunSettings> OutOfRange = new()
    {
        ["akkarl.workers is 0"] = TinyRun.Settings with { Workers = 0 },
        ["akkarl.total-steps is -1"] = TinyRun.Settings with { TotalSteps = -1 },
        ["akkarl.a3c.gamma is 1.5"] = TinyRun.Settings with { A3C = new() { Gamma = 1.5 } },
        ["akkarl.a3c.learning-rate is NaN"] = TinyRun.Settings with { A3C = new() { LearningRate = double.NaN } },
        ["akkarl.a3c.final-learning-rate"] = TinyRun.Settings with { A3C = new() { LearningRate = 0.1, FinalLearningRate = 0.2 } },
        ["akkarl.a3c.rollout-steps is 0"] = TinyRun.Settings with { A3C = new() { RolloutSteps = 0 } },
        ["akkarl.algorithm is \"a4c\""] = TinyRun.Settings with { Algorithm = "a4c" },
        ["akkarl.network.hidden"] = TinyRun.Settings with { Network = new() { Hidden = [64, 0] } },
        ["akkarl.device"] = TinyRun.Settings with { Engine = EngineKind.Fused, Device = "cuda" },
        ["akkarl.evaluation.timeout is 0 ms"] = TinyRun.Settings with { Evaluation = new() { Timeout = TimeSpan.Zero } },
        ["akkarl.faults.stall-timeout is -1 ms"] = TinyRun.Settings with { Faults = new() { StallTimeout = TimeSpan.FromMilliseconds(-1) } },
        ["akkarl.faults.back-off-maximum"] = TinyRun.Settings with { Faults = new() { BackOffMinimum = TimeSpan.FromSeconds(9) } },
        ["akkarl.optimizer"] = TinyRun.Settings with { Optimizer = new() { Decay = 1 - 1e-12 } }, // 1 as a float
    };

    public static TheoryData<string> Messages => [.. OutOfRange.Keys];

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_setting_out_of_range_is_named_and_nothing_starts(string message)
    {
        using var envs = new FaultyEnvs();
        var error = await Assert.ThrowsAsync<InvalidSettingsException>(() => TinyRun.StartAsync(OutOfRange[message], envs.Spec, _ => Assert.Fail("started")));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(envs.Made, envs.Disposed);
    }

    [Fact]
    public async Task An_env_whose_actions_the_algorithm_cannot_choose_is_refused()
    {
        using var envs = new FaultyEnvs { ActionSpace = new MultiDiscrete([2, 3]) };
        var error = await Assert.ThrowsAsync<InvalidSettingsException>(() => TinyRun.StartAsync(TinyRun.Settings with { Algorithm = "dqn" }, envs.Spec));
        Assert.Contains("the env has actions of MultiDiscrete(2, 3)", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (envs.Made, envs.Disposed));
    }

    [Fact]
    public async Task An_env_that_cannot_be_made_at_all_says_why()
    {
        using var envs = new FaultyEnvs { OnMake = _ => Fault.Throw };
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => TinyRun.StartAsync(TinyRun.Settings, envs.Spec));
        Assert.Equal("the simulator broke", error.Message);
    }
}
