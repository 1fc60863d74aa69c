using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Settings;
using AkkaRL.Models.Networks;

namespace AkkaRL.Learning.Tests;

/// <summary>Networks other than perceptrons, in the experiments that are about them.</summary>
public class NetworkTests
{
    [Theory]
    [InlineData("memory-ppo-lstm")]
    [InlineData("memory-a3c-lstm")]
    public async Task A_policy_with_a_memory_recalls_what_one_without_cannot(string experiment)
    {
        var settings = Experiment(experiment);
        var summary = await Train(settings with { StopWhenSolved = true });
        Assert.Equal(StopReasons.Solved, summary.StopReason);
        Assert.InRange(summary.Evaluation!.Mean, 0.95, 1);

        var control = await Train(settings with { Network = settings.Network with { Recurrent = RecurrentKind.None }, Evaluation = settings.Evaluation with { FinalEpisodes = 1_000 } });
        Assert.Null(control.SolvedAtStep);
        Assert.InRange(control.Evaluation!.Mean, 0.4, 0.6); // a deviation of 0.016 from one half
    }

    [Fact]
    public async Task DQN_catches_balls_that_it_sees()
    {
        var summary = await Train(Experiment("catch-dqn") with { StopWhenSolved = true });
        Assert.Equal(StopReasons.Solved, summary.StopReason);
        Assert.InRange(summary.Evaluation!.Mean, 0.9, 1);
    }

    private static RunSettings Experiment(string name) =>
        SettingsLayers.Load([HoconFolder.FindExperiment(name, Environment.CurrentDirectory)], new Dictionary<string, string>(), []);

    private static async Task<RunSummary> Train(RunSettings settings)
    {
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment)).WaitAsync(TimeSpan.FromMinutes(10));
        using var last = result.Last;
        using var best = result.Best;
        Assert.Equal(0, result.Summary.Faults.Total);
        return result.Summary;
    }
}
