using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Host.Settings;

namespace AkkaRL.Learning.Tests;

/// <summary>What action masks are worth.</summary>
public class ActionMaskTests
{
    [Fact]
    public async Task PPO_finds_a_knights_tour_with_the_mask_and_not_without_it()
    {
        var settings = SettingsLayers.Load([HoconFolder.FindExperiment("knights-tour-ppo", Environment.CurrentDirectory)], new Dictionary<string, string>(), []);
        var env = EnvCatalog.BuiltIn.Find("KnightsTour-v0");

        var masked = await Train(settings, env);
        var blind = await Train(settings, env with { Create = () => new Unmasked(env.Create()) });

        Assert.InRange(masked, 0.9, 1);
        Assert.InRange(blind, 0, 0.5);
    }

    private static async Task<double> Train(RunSettings settings, EnvSpec env)
    {
        var result = await TrainingRun.StartAsync(settings, env).WaitAsync(TimeSpan.FromMinutes(10));
        using var last = result.Last;
        using var best = result.Best;
        Assert.Equal(0, result.Summary.Faults.Total);
        return result.Summary.Evaluation!.Mean;
    }

    /// <summary>An env that keeps its mask to itself: an action against it ends the episode.</summary>
    private sealed class Unmasked(IEnv inner) : EnvWrapper(inner)
    {
        public override bool HasActionMask => false;
    }
}
