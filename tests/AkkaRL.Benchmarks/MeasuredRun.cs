using System.Diagnostics;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;

namespace AkkaRL.Benchmarks;

/// <summary>A run as benchmarks measure it: in this process, or with a learner in this process and worker processes on this machine.</summary>
internal static class MeasuredRun
{
    /// <summary>A run in this process, and its env-steps/s.</summary>
    public static async Task<(RunResult Result, double Rate)> InProcessAsync(RunSettings settings)
    {
        var progress = new List<ProgressReported>();
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment), happened => Note(happened, progress));
        return (result, Rate(progress));
    }

    /// <summary>A run whose learner is in this process, and its workers in others; its env-steps/s, and what these have sent and taken.</summary>
    public static async Task<(RunResult Result, double Rate, NodeTraffic Traffic)> ClusteredAsync(RunSettings settings, int processes, int workersEach, LinkSettings? links = null)
    {
        var system = ClusterNode.Start("", ClusterRun.LearnerRole, seed: null);
        var children = new List<Process>();
        try
        {
            var env = EnvCatalog.BuiltIn.Find(settings.Environment);
            var progress = new List<ProgressReported>();
            var run = ClusterRun.StartLearnerAsync(system, settings, env, happened => Note(happened, progress), null, (links ?? new LinkSettings()) with { NodeTimeout = TimeSpan.FromSeconds(20) });
            for (var i = 0; i < processes; i++)
                children.Add(ClusterNode.StartWorker(system, $"worker-{i}", workersEach));
            var result = await run;
            var traffic = await Task.WhenAll(children.Select(ClusterNode.TrafficOfAsync));
            return (result!, Rate(progress), traffic.Aggregate((sum, node) => sum + node));
        }
        finally
        {
            foreach (var child in children.Where(child => !child.HasExited))
                child.Kill();
            await system.Terminate();
        }
    }

    private static void Note(RunEvent happened, List<ProgressReported> progress)
    {
        if (happened is ProgressReported row)
            progress.Add(row);
    }

    /// <summary>Env-steps/s over the second half: by then all worker processes are there.</summary>
    private static double Rate(List<ProgressReported> progress)
    {
        var (from, to) = (progress[progress.Count / 2], progress[^1]);
        return (to.GlobalStep - from.GlobalStep) / (to.WallSeconds - from.WallSeconds);
    }
}
