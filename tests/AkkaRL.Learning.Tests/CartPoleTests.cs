using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Settings;

namespace AkkaRL.Learning.Tests;

/// <summary>The experiment cartpole, as <c>akkarl train cartpole</c> runs it.</summary>
public class CartPoleTests
{
    private const double Mark = 475;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(1, true)]
    public async Task A3C_solves_CartPole_within_100_000_env_steps(ulong seed, bool deterministic)
    {
        var settings = Experiment("cartpole") with { Seed = seed, Deterministic = deterministic };
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment)).WaitAsync(TimeSpan.FromMinutes(2));
        using var last = result.Last;
        using var best = result.Best;
        var summary = result.Summary;
        Assert.Equal(StopReasons.Solved, summary.StopReason);
        Assert.InRange(summary.EnvironmentSteps, 1, 100_000);
        Assert.InRange(summary.Evaluation!.Mean, Mark, 500);
        Assert.InRange(summary.BestEvaluation!.Mean, Mark, 500);
        Assert.Equal((100, 100), (summary.Evaluation.Episodes, summary.BestEvaluation.Episodes));
        Assert.Equal(0, summary.Faults.Total);
    }

    private static RunSettings Experiment(string name) =>
        SettingsLayers.Load([HoconFolder.FindExperiment(name, Environment.CurrentDirectory)], new Dictionary<string, string>(), []);
}
