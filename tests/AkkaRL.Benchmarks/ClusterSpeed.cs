using System.Globalization;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Benchmarks;

/// <summary>
/// Runs whose workers are in processes of their own, on this machine: A3C on CartPole beside the same run in one process; an env with steps of a
/// millisecond with one and four worker processes; what combined gradients do to learning; and what rounding them does (<see cref="ClusterPrecision"/>).
/// </summary>
internal static class ClusterSpeed
{
    /// <summary>Measures one part, or all without a name.</summary>
    /// <param name="output">Where figures go.</param>
    /// <param name="arguments"><c>combined [most combined, with commas] [rounds]</c>, <c>waiting [algorithms] [rounds]</c>, <c>learning [seeds] [worker processes]</c>, <c>precision [seeds] [worker processes]</c>.</param>
    public static async Task PrintAsync(TextWriter output, string[] arguments)
    {
        var part = arguments.ElementAtOrDefault(0) ?? "";
        var list = arguments.ElementAtOrDefault(1)?.Split(',');
        int? number = arguments.Length > 2 ? Whole(arguments[2]) : null;
        if (part is "" or "combined")
            await PrintCombinedAsync(output, list?.Select(Whole).ToArray() ?? [new LinkSettings().CombinedRollouts], number ?? 5);
        if (part is "" or "waiting")
            await PrintWaitingAsync(output, list ?? ["a3c", "ppo"], number ?? 5);
        if (part is "" or "learning")
            await PrintLearningAsync(output, list?.Select(Whole).ToArray() ?? [1, 2, 3, 4, 5], number ?? 1);
        if (part is "" or "precision")
            await ClusterPrecision.PrintAsync(output, list?.Select(Whole).ToArray() ?? [1, 2, 3, 4, 5], number ?? 2);
    }

    private static async Task PrintCombinedAsync(TextWriter output, int[] combined, int rounds)
    {
        foreach (var (name, a3c) in ((string, A3CSettings)[])[("the experiment cartpole, 8-step rollouts", CartPole), ("20-step rollouts", new A3CSettings { RolloutSteps = 20 })])
        {
            var settings = Settings("a3c", workers: 2, steps: 6_000_000) with { A3C = a3c };
            var here = new List<double>();
            var there = combined.Select(_ => new List<(double Rate, double StepsAnUpdate)>()).ToArray();
            for (var round = 0; round < rounds; round++)
            {
                here.Add((await MeasuredRun.InProcessAsync(settings)).Rate);
                for (var i = 0; i < combined.Length; i++)
                {
                    var (result, rate, _) = await MeasuredRun.ClusteredAsync(settings, processes: 1, workersEach: 2, new LinkSettings { CombinedRollouts = combined[i] });
                    there[i].Add((rate, (double)settings.TotalSteps / result.Summary.Updates));
                }
            }
            output.WriteLine($"A3C, CartPole-v1, {name}, 2 workers, {Environment.ProcessorCount} cores, median (range) of {rounds} in turns:");
            output.WriteLine($"one process {Shown(here)} env-steps/s; a learner and a worker process, by the most rollouts combined for each worker:");
            for (var i = 0; i < combined.Length; i++)
            {
                var rates = there[i].ConvertAll(run => run.Rate);
                output.WriteLine($"{combined[i]}: {Shown(rates)}, {Median(rates) / Median(here):0.00}x, {Median(there[i].ConvertAll(run => run.StepsAnUpdate)):0.0} env steps an update.");
            }
        }
    }

    private static async Task PrintWaitingAsync(TextWriter output, string[] algorithms, int rounds)
    {
        foreach (var algorithm in algorithms)
        {
            var (one, four) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                one.Add((await MeasuredRun.ClusteredAsync(Settings(algorithm, workers: 1, steps: 6_000) with { StepMilliseconds = 1 }, processes: 1, workersEach: 1)).Rate);
                four.Add((await MeasuredRun.ClusteredAsync(Settings(algorithm, workers: 4, steps: 24_000) with { StepMilliseconds = 1 }, processes: 4, workersEach: 1)).Rate);
            }
            output.WriteLine(
                $"{algorithm}, an env with steps of 1 ms, one worker a process, median (range) of {rounds} in turns: 1 process {Shown(one)}, 4 processes {Shown(four)} env-steps/s: {Median(four) / Median(one):0.00}x.");
        }
    }

    private static async Task PrintLearningAsync(TextWriter output, int[] seeds, int processes)
    {
        foreach (var seed in seeds)
        {
            var settings = Learning(seed);
            var (here, there) = (await MeasuredRun.InProcessAsync(settings), await MeasuredRun.ClusteredAsync(settings with { Workers = 2 * processes }, processes, workersEach: 2));
            output.WriteLine(
                $"a3c, CartPole-v1, seed {seed}, {settings.TotalSteps} env steps, last policy over 100 episodes: one process {here.Result.Summary.Evaluation!.Mean:0.#} after {here.Result.Summary.Updates} updates, solved at {here.Result.Summary.SolvedAtStep}; "
                + $"{processes} worker processes {there.Result.Summary.Evaluation!.Mean:0.#} after {there.Result.Summary.Updates} updates, mean policy lag {there.Result.Summary.PolicyLag.Mean:0}, solved at {there.Result.Summary.SolvedAtStep}.");
        }
    }

    /// <summary>The experiment cartpole, but for its end: to the last step.</summary>
    public static RunSettings Learning(int seed) => new() { Seed = (ulong)seed, StopWhenSolved = false, A3C = CartPole, Snapshots = new SnapshotSettings { Enabled = false } };

    private static A3CSettings CartPole => new() { RolloutSteps = 8, GaeLambda = 0.95, RewardScale = 0.1 };

    /// <summary>A run that is only timed.</summary>
    public static RunSettings Settings(string algorithm, int workers, long steps) => new()
    {
        Algorithm = algorithm,
        Workers = workers,
        TotalSteps = steps,
        StopWhenSolved = false,
        Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 },
        Metrics = new MetricsSettings { IntervalSteps = steps / 20 },
        Snapshots = new SnapshotSettings { Enabled = false },
    };

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Shown(List<double> rates) => $"{Median(rates):N0} ({rates.Min():N0} to {rates.Max():N0})";

    private static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);
}
