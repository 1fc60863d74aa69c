using System.Diagnostics;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Benchmarks;

/// <summary>
/// Runs whose workers are in processes of their own, on this machine: A3C on CartPole beside the same run in one process; an env with steps of a
/// millisecond with one and four worker processes; and what combined gradients do to learning.
/// </summary>
internal static class ClusterSpeed
{
    private const int Rounds = 3;

    /// <summary>Measures the parts that are named; all without a name.</summary>
    public static async Task PrintAsync(TextWriter output, string part)
    {
        if (part is "" or "combined")
            await PrintCombinedAsync(output);
        if (part is "" or "waiting")
            await PrintWaitingAsync(output);
        if (part is "" or "learning")
            await PrintLearningAsync(output);
    }

    private static async Task PrintCombinedAsync(TextWriter output)
    {
        int[] combined = [8, 32, 48, 64];
        var settings = Settings("a3c", "CartPole-v1", workers: 2, steps: 6_000_000) with { A3C = new A3CSettings { RolloutSteps = 20 } };
        var here = new List<double>();
        var there = combined.Select(_ => new List<(double Rate, double StepsAnUpdate)>()).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            here.Add((await InProcessAsync(settings)).Rate);
            for (var i = 0; i < combined.Length; i++)
            {
                var (result, rate) = await ClusteredAsync(settings, processes: 1, workersEach: 2, combined[i]);
                there[i].Add((rate, (double)settings.TotalSteps / result.Summary.Updates));
            }
        }
        output.WriteLine($"A3C, CartPole-v1, 20-step rollouts, 2 workers, {Environment.ProcessorCount} cores, median (range) of {Rounds} in turns:");
        output.WriteLine($"one process {Shown(here)} env-steps/s; a learner and a worker process, by the most rollouts combined for each worker:");
        for (var i = 0; i < combined.Length; i++)
        {
            var rates = there[i].ConvertAll(run => run.Rate);
            output.WriteLine($"{combined[i]}: {Shown(rates)}, {Median(rates) / Median(here):0.00}x, {Median(there[i].ConvertAll(run => run.StepsAnUpdate)):0} env steps an update.");
        }
    }

    private static async Task PrintWaitingAsync(TextWriter output)
    {
        foreach (var algorithm in (string[])["a3c", "ppo"])
        {
            var (one, four) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                one.Add((await ClusteredAsync(Settings(algorithm, ClusterNode.Waiting.Id, workers: 1, steps: 6_000), processes: 1, workersEach: 1)).Rate);
                four.Add((await ClusteredAsync(Settings(algorithm, ClusterNode.Waiting.Id, workers: 4, steps: 24_000), processes: 4, workersEach: 1)).Rate);
            }
            output.WriteLine(
                $"{algorithm}, an env with steps of 1 ms, one worker a process: 1 process {Shown(one)}, 4 processes {Shown(four)} env-steps/s: {Median(four) / Median(one):0.00}x.");
        }
    }

    /// <summary>The experiment cartpole, but for its end: to the last step.</summary>
    private static async Task PrintLearningAsync(TextWriter output)
    {
        foreach (var seed in (ulong[])[1, 2, 3])
        {
            var settings = new RunSettings
            {
                Seed = seed,
                StopWhenSolved = false,
                A3C = new A3CSettings { RolloutSteps = 8, GaeLambda = 0.95, RewardScale = 0.1 },
                Snapshots = new SnapshotSettings { Enabled = false },
            };
            var (here, there) = (await InProcessAsync(settings), await ClusteredAsync(settings, processes: 1, workersEach: 2));
            output.WriteLine(
                $"a3c, CartPole-v1, seed {seed}, {settings.TotalSteps} env steps, last policy over 100 episodes: one process {here.Result.Summary.Evaluation!.Mean:0.#} after {here.Result.Summary.Updates} updates, solved at {here.Result.Summary.SolvedAtStep}; "
                + $"cluster {there.Result.Summary.Evaluation!.Mean:0.#} after {there.Result.Summary.Updates} updates, solved at {there.Result.Summary.SolvedAtStep}.");
        }
    }

    private static RunSettings Settings(string algorithm, string env, int workers, long steps) => new()
    {
        Algorithm = algorithm,
        Environment = env,
        Workers = workers,
        TotalSteps = steps,
        StopWhenSolved = false,
        Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 },
        Metrics = new MetricsSettings { IntervalSteps = steps / 20 },
        Snapshots = new SnapshotSettings { Enabled = false },
    };

    private static async Task<(RunResult Result, double Rate)> InProcessAsync(RunSettings settings)
    {
        var progress = new List<ProgressReported>();
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment), happened => Note(happened, progress));
        return (result, Rate(progress));
    }

    private static async Task<(RunResult Result, double Rate)> ClusteredAsync(RunSettings settings, int processes, int workersEach, int? combined = null)
    {
        var system = ClusterNode.Start("", ClusterRun.LearnerRole, seed: null);
        var children = new List<Process>();
        try
        {
            var env = settings.Environment == ClusterNode.Waiting.Id ? ClusterNode.Waiting : EnvCatalog.BuiltIn.Find(settings.Environment);
            var progress = new List<ProgressReported>();
            var run = ClusterRun.StartLearnerAsync(system, settings, env, happened => Note(happened, progress), null, new LinkSettings { NodeTimeout = TimeSpan.FromSeconds(20), CombinedRollouts = combined ?? new LinkSettings().CombinedRollouts });
            for (var i = 0; i < processes; i++)
                children.Add(ClusterNode.StartWorker(system, $"worker-{i}", workersEach));
            var result = await run;
            await Task.WhenAll(children.Select(child => child.WaitForExitAsync()));
            return (result!, Rate(progress));
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

    private static string Shown(List<double> rates) => $"{Median(rates):N0} ({rates.Min():N0} to {rates.Max():N0})";

    private static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);
}
