using System.Diagnostics;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Benchmarks;

/// <summary>What snapshots cost: a run's throughput, the pause of its learner while it captures its state, and the time from process start to the first env step of a resumed run.</summary>
internal static class Snapshots
{
    private const int Rounds = 5;
    private const int SnapshotsARun = 8;
    private const long Steps = 1_000_000;

    /// <summary>Twenty times the default's, so that a run of seconds shows what ten seconds cost.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    public static async Task PrintAsync(TextWriter output)
    {
        await PauseAsync(output);
        await ThroughputAsync(output);
        await RecoveryAsync(output);
    }

    /// <summary>How long training stands still for a snapshot, as runs of a large network report it, shape by shape.</summary>
    private static async Task PauseAsync(TextWriter output)
    {
        var settings = new RunSettings
        {
            TotalSteps = long.MaxValue,
            StopWhenSolved = false,
            Network = new NetworkSettings { Hidden = [1_300, 1_300] },
            Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 },
            Metrics = new MetricsSettings { IntervalSteps = 1_000_000 },
            Snapshots = new SnapshotSettings { IntervalTime = TimeSpan.FromSeconds(2) },
        };
        RunSettings[] shapes =
        [
            settings with { Algorithm = "a3c", Workers = 2 },
            settings with { Algorithm = "a2c", Workers = 2 },
            settings with { Algorithm = "dqn", DQN = new DQNSettings { BatchSize = 32, LearningStarts = 100, TrainInterval = 32 } },
        ];
        foreach (var shape in shapes)
        {
            List<double> first = [], second = [], rest = [];
            var parameters = 0;
            for (var round = 0; round < Rounds; round++)
            {
                (var pauses, parameters) = await PausesAsync(shape);
                first.Add(pauses[0]);
                second.Add(pauses[1]);
                rest.AddRange(pauses[2..]);
            }
            output.WriteLine(
                $"Pause of {shape.Algorithm} with {parameters:N0} parameters, {Rounds} runs, median (most): first snapshot {Text(first)}, second {Text(second)}, the {rest.Count} others {Text(rest)}.");
        }

        static string Text(List<double> milliseconds) => $"{Median(milliseconds):0.0} ({milliseconds.Max():0.0}) ms";
    }

    private static async Task<(List<double> Milliseconds, int Parameters)> PausesAsync(RunSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("akkarl-benchmark-");
        try
        {
            using var stop = new CancellationTokenSource();
            var (pauses, parameters) = (new List<double>(), 0);
            await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find("CartPole-v1"), happened =>
            {
                if (happened is RunStarted started)
                    parameters = started.ParameterCount;
                if (happened is not SnapshotSaved saved)
                    return;
                pauses.Add(saved.PauseSeconds * 1e3);
                if (pauses.Count == SnapshotsARun)
                    stop.Cancel();
            }, new SnapshotStorage(SnapshotDatabase.Sqlite(folder.FullName, "benchmark")), stop: stop.Token);
            return (pauses[..SnapshotsARun], parameters);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task ThroughputAsync(TextWriter output)
    {
        await TrainAsync(withSnapshots: true); // compiles, and loads the database
        List<(double Rate, double CpuSeconds, int Saved)> without = [], with = [];
        for (var round = 0; round < Rounds; round++)
        {
            without.Add(await TrainAsync(withSnapshots: false));
            with.Add(await TrainAsync(withSnapshots: true));
        }
        var ratio = Median(with.Select(run => run.Rate)) / Median(without.Select(run => run.Rate));
        var saved = with.Sum(run => run.Saved);
        var perSnapshot = (with.Sum(run => run.CpuSeconds) - without.Sum(run => run.CpuSeconds)) / saved;
        output.WriteLine(
            $"CartPole, 2 workers, {Steps:N0} env steps, median of {Rounds} in turns: {Median(without.Select(run => run.Rate)):N0} env-steps/s without snapshots, "
            + $"{Median(with.Select(run => run.Rate)):N0} with one every {Interval.TotalSeconds} s ({saved} in all): {ratio:0.000}. "
            + $"Processor time a snapshot: {perSnapshot * 1e3:0.0} ms, which is {perSnapshot / 10 / Environment.ProcessorCount:0.00%} of {Environment.ProcessorCount} cores at one every 10 s.");
    }

    private static async Task<(double Rate, double CpuSeconds, int Saved)> TrainAsync(bool withSnapshots)
    {
        var folder = Directory.CreateTempSubdirectory("akkarl-benchmark-");
        try
        {
            var settings = new RunSettings
            {
                Workers = 2,
                TotalSteps = Steps,
                StopWhenSolved = false,
                Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 },
                Metrics = new MetricsSettings { IntervalSteps = 100_000 },
                Snapshots = new SnapshotSettings { Enabled = withSnapshots, IntervalTime = Interval },
            };
            var before = Environment.CpuUsage.TotalTime;
            var storage = new SnapshotStorage(SnapshotDatabase.Sqlite(folder.FullName, "benchmark"));
            var summary = (await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find("CartPole-v1"), storage: storage)).Summary;
            return (summary.EnvironmentStepsPerSecond, (Environment.CpuUsage.TotalTime - before).TotalSeconds, summary.Snapshots.Saved);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The built binary: trains until it has a snapshot of 7 MB, is stopped, and resumed; the first line after its head comes with the first update.</summary>
    private static async Task RecoveryAsync(TextWriter output)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "AkkaRL.sln")))
            root = root.Parent!;
        var binary = Path.Combine(root.FullName, "src/Host/bin/Release/net10.0/akkarl");
        var folder = Directory.CreateTempSubdirectory("akkarl-benchmark-");
        try
        {
            var run = Path.Combine(folder.FullName, "run");
            await FirstAsync($"train cartpole --run-folder {run} --steps 1e12 --set stop-when-solved=off --set network.hidden=[930,930] --set evaluation.interval-steps=1e12 --set metrics.interval-steps=1 --set snapshots.interval-steps=200", "snapshot at");
            var bytes = Directory.GetFiles(run, SnapshotDatabase.SqliteSnapshots + "*").Sum(file => new FileInfo(file).Length);
            var seconds = new List<double>();
            for (var round = 0; round < Rounds; round++)
                seconds.Add(await FirstAsync($"resume {run}", "steps/s  return"));
            output.WriteLine($"Process start to the first update of a resumed run, {bytes / 1e6:0.0} MB of snapshots: median {Median(seconds):0.00} s ({seconds.Min():0.00} to {seconds.Max():0.00}).");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task<double> FirstAsync(string arguments, string text)
        {
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo(binary, arguments) { RedirectStandardOutput = true })!;
            while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains(text, StringComparison.Ordinal)) { }
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            process.Kill();
            await process.WaitForExitAsync();
            return seconds;
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
