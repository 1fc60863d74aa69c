using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Settings;

namespace AkkaRL.Learning.Tests;

/// <summary>The asynchronous value methods with their CartPole experiments, one seed each, gradients in turn so that every run is the same.</summary>
public class AsynchronousQTests
{
    [Theory]
    [InlineData("cartpole-async-one-step-q")]
    [InlineData("cartpole-async-sarsa")]
    [InlineData("cartpole-async-n-step-q")]
    public async Task Asynchronous_Q_learning_and_Sarsa_solve_CartPole_within_500_000_env_steps(string experiment)
    {
        var settings = SettingsLayers.Load([HoconFolder.FindExperiment(experiment, Environment.CurrentDirectory)], new Dictionary<string, string>(), []) with
        {
            Deterministic = true,
            StopWhenSolved = true,
        };
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment)).WaitAsync(TimeSpan.FromMinutes(5));
        using var last = result.Last;
        using var best = result.Best;
        var summary = result.Summary;
        Assert.Equal(StopReasons.Solved, summary.StopReason);
        Assert.InRange(summary.EnvironmentSteps, 1, 500_000);
        Assert.InRange(summary.Evaluation!.Mean, 475, 500);
        Assert.InRange(summary.BestEvaluation!.Mean, 475, 500);
        Assert.Equal(0, summary.Faults.Total);
    }
}
