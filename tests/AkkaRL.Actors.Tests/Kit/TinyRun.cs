using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>Whole runs on tiny budgets.</summary>
internal static class TinyRun
{
    /// <summary>A run that hangs fails its test after this long, rather than the suite.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>One worker, a small network, no evaluations, hardly any back-off.</summary>
    public static RunSettings Settings { get; } = new()
    {
        Workers = 1,
        TotalSteps = 100,
        Network = new NetworkSettings { Hidden = [4] },
        Evaluation = new EvaluationSettings { IntervalSteps = 0, Episodes = 1, FinalEpisodes = 0 },
        Faults = new FaultSettings { BackOffMinimum = TimeSpan.FromMilliseconds(1), BackOffMaximum = TimeSpan.FromMilliseconds(2) },
    };

    public static EnvSpec CartPole { get; } = EnvCatalog.BuiltIn.Find("CartPole-v1");

    public static Task<RunResult> StartAsync(RunSettings settings, EnvSpec env, Action<RunEvent>? listener = null, CancellationToken stop = default) =>
        TrainingRun.StartAsync(settings, env, listener, stop: stop).WaitAsync(Patience, CancellationToken.None);
}
