using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Settings;
using Xunit.Abstractions;

namespace AkkaRL.Learning.Tests;

/// <summary>
/// One seed of the experiments, each with its own settings; trimmed, in that a run ends where it counts as solved, which leaves the
/// schedules of rates as they are. Whole rows, and the experiments that are too long for here, are for `akkarl benchmark learning`.
/// </summary>
/// <remarks>
/// A run is the same every time: the synchronous and the replay shapes always are, the asynchronous one is told to be deterministic.
/// The mark of a row is the env's own in training (three evaluations in a row); the lower one here is for the 100 episodes at the end.
/// </remarks>
public class ExperimentTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("cartpole", 475)]
    [InlineData("cartpole-a2c", 475)]
    [InlineData("cartpole-ppo", 475)]
    [InlineData("cartpole-ppo-kl", 475)]
    [InlineData("cartpole-reinforce", 475)]
    [InlineData("cartpole-off-policy-gradient", 475)]
    [InlineData("cartpole-impala", 475)]
    [InlineData("cartpole-dqn", 475)]
    [InlineData("cartpole-c51", 475)]
    [InlineData("cartpole-rainbow", 475)]
    [InlineData("acrobot", -90)]
    [InlineData("acrobot-ppo", -90)]
    [InlineData("acrobot-dqn", -90)]
    [InlineData("mountaincar-ppo", -115)]
    [InlineData("pendulum", -200)]
    [InlineData("pendulum-ppo", -220)]
    [InlineData("pendulum-ddpg", -200)]
    [InlineData("pendulum-td3", -200)]
    [InlineData("pendulum-sac", -200)]
    [InlineData("mountaincar-continuous-ddpg", 90)]
    [InlineData("mountaincar-continuous-td3", 90)]
    [InlineData("mountaincar-continuous-sac", 90)]
    [InlineData("crane-ppo", 0.86)]
    [InlineData("knights-tour-ppo", 0.9)]
    [InlineData("knights-tour-dqn", 0.9)]
    public Task Solves_its_env_within_its_budget(string experiment, double lowerMark) =>
        SolvesAsync(Experiment(experiment) with { Deterministic = true, StopWhenSolved = true }, lowerMark);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task A3C_solves_CartPole_without_being_deterministic_too(ulong seed) => SolvesAsync(Experiment("cartpole") with { Seed = seed }, 475);

    private async Task SolvesAsync(RunSettings settings, double lowerMark)
    {
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment)).WaitAsync(TimeSpan.FromMinutes(20));
        using var last = result.Last;
        using var best = result.Best;
        var summary = result.Summary;
        output.WriteLine($"{summary.Algorithm} on {summary.Environment}, seed {summary.Seed}: {summary.StopReason} after {summary.EnvironmentSteps} env steps in {summary.WallSeconds:0.0} s, last {summary.Evaluation?.Mean:0.0}, best {summary.BestEvaluation?.Mean:0.0}");

        Assert.Equal(StopReasons.Solved, summary.StopReason);
        Assert.InRange(summary.EnvironmentSteps, 1, settings.TotalSteps);
        Assert.Equal(0, summary.Faults.Total);
        Assert.Equal(settings.Evaluation.FinalEpisodes, summary.BestEvaluation!.Episodes);
        Assert.InRange(summary.BestEvaluation.Mean, lowerMark, double.PositiveInfinity);
    }

    private static RunSettings Experiment(string name) =>
        SettingsLayers.Load([HoconFolder.FindExperiment(name, Environment.CurrentDirectory)], new Dictionary<string, string>(), []);
}
