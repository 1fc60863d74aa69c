using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Learning.Tests;

/// <summary>The synchronous algorithms with the settings of their CartPole experiments, one seed each.</summary>
public class SynchronousTests
{
    private static readonly RunSettings Common = new()
    {
        Network = new NetworkSettings { SharedTrunk = false },
        Optimizer = new OptimizerSettings { Kind = OptimizerKind.Adam },
        Evaluation = new EvaluationSettings { IntervalSteps = 5_000 },
    };

    [Fact]
    public Task PPO_solves_CartPole_within_100_000_env_steps() =>
        Solves(Common with { Algorithm = "ppo", PPO = new PPOSettings { RolloutSteps = 64, MinibatchSize = 128, FinalClipRange = 0 } });

    [Fact]
    public Task PPO_with_a_KL_penalty_solves_CartPole_within_100_000_env_steps() =>
        Solves(Common with { Algorithm = "ppo-kl", PPOKl = new PPOKlSettings { RolloutSteps = 64, MinibatchSize = 128 } });

    [Fact]
    public Task A2C_solves_CartPole_within_100_000_env_steps() =>
        Solves(Common with { Algorithm = "a2c", Optimizer = new OptimizerSettings(), A2C = new A2CSettings { RolloutSteps = 8, LearningRate = 3e-3 } });

    [Fact]
    public Task REINFORCE_with_a_learned_baseline_solves_CartPole_within_200_000_env_steps() =>
        Solves(Common with
        {
            Algorithm = "reinforce",
            TotalSteps = 200_000,
            Evaluation = new EvaluationSettings { IntervalSteps = 10_000 },
            Reinforce = new ReinforceSettings { EnvsPerWorker = 2, LearningRate = 3e-3, NormalizeAdvantages = true },
        });

    [Fact]
    public Task The_off_policy_gradient_solves_CartPole_within_200_000_env_steps() =>
        Solves(Common with
        {
            Algorithm = "off-policy-gradient",
            TotalSteps = 200_000,
            Evaluation = new EvaluationSettings { IntervalSteps = 10_000 },
            OffPolicyGradient = new OffPolicyGradientSettings { LearningRate = 3e-3 },
        });

    [Fact]
    public Task IMPALA_solves_CartPole_within_200_000_env_steps() =>
        Solves(Common with
        {
            Algorithm = "impala",
            Optimizer = new OptimizerSettings(),
            TotalSteps = 200_000,
            Evaluation = new EvaluationSettings { IntervalSteps = 10_000 },
            Impala = new ImpalaSettings { RolloutSteps = 8, LearningRate = 3e-3 },
        });

    private static async Task Solves(RunSettings settings)
    {
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find("CartPole-v1")).WaitAsync(TimeSpan.FromMinutes(2));
        using var last = result.Last;
        using var best = result.Best;

        Assert.Equal(StopReasons.Solved, result.Summary.StopReason);
        Assert.InRange(result.Summary.BestEvaluation!.Mean, 475, 500);
        Assert.Equal(0, result.Summary.Faults.Total);
    }
}
