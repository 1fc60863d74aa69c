using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Cluster.Tests.Kit;

/// <summary>Runs on tiny budgets, of any algorithm.</summary>
internal static class TinyRuns
{
    /// <summary>Two workers, a small network, no evaluations, what an algorithm remembers is little.</summary>
    public static RunSettings Of(string algorithm, long totalSteps = 600) => new()
    {
        Algorithm = algorithm,
        Workers = 2,
        TotalSteps = totalSteps,
        Network = new NetworkSettings { Hidden = [4] },
        Evaluation = new EvaluationSettings { IntervalSteps = 0, Episodes = 1, FinalEpisodes = 0 },
        Metrics = new MetricsSettings { IntervalSteps = 100 },
        Snapshots = new SnapshotSettings { Enabled = false },
        DQN = Sized(new DQNSettings()),
        DDPG = Sized(new DDPGSettings()),
        TD3 = Sized(new TD3Settings()),
        SAC = Sized(new SACSettings()),
    };

    /// <summary>CartPole, or Pendulum for an algorithm that cannot choose CartPole's actions. Episodes are short.</summary>
    public static EnvSpec EnvOf(RunSettings settings, Action? onStep = null)
    {
        try
        {
            _ = new RunPlan(settings, Watched("CartPole-v1", onStep));
            return Watched("CartPole-v1", onStep);
        }
        catch (InvalidSettingsException)
        {
            return Watched("Pendulum-v1", onStep);
        }
    }

    /// <summary>A built-in env that says when it is stepped.</summary>
    public static EnvSpec Watched(string id, Action? onStep = null) => new("Watched-v0", "A built-in env, watched.", () => new WatchedEnv(id, onStep), MaximumEpisodeSteps: 40);

    private static T Sized<T>(T settings) where T : ReplaySettings =>
        settings with { BatchSize = 8, LearningStarts = 100, ReplayCapacity = 10_000, TrainInterval = 8, UpdatesPerInterval = 2 };

    private sealed class WatchedEnv(string id, Action? onStep) : Envs.Wrappers.EnvWrapper(EnvCatalog.BuiltIn.Find(id).Create())
    {
        public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            onStep?.Invoke();
            return base.Step(action, observation);
        }
    }
}
