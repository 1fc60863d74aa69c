using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl benchmark learning</c>: trains experiments again, seed by seed, and says which medians reach their env's mark.</summary>
internal static class BenchmarkCommand
{
    public static Command Create(CommandContext context)
    {
        var experiments = new Argument<string[]>("experiment") { Arity = ArgumentArity.ZeroOrMore, Description = "Experiments of `akkarl list`, or paths of .conf files of your own; all of ours without one" };
        var seeds = new Option<string>("--seeds") { HelpName = "n,n,...", DefaultValueFactory = _ => "1,2,3,4,5", Description = "The seeds that each is trained with" };
        var folder = new Option<string>("--folder") { HelpName = "path", Description = "Keep the runs here, <experiment>-<seed> each; otherwise they are removed" };
        var json = new Option<bool>("--json") { Description = "Print the rows as JSON" };
        var learning = new Command("learning", "Train experiments again and compare each median with its env's mark") { experiments, seeds, folder, json };
        learning.SetAction((result, _) => LearningAsync(
            context, result.GetValue(experiments) ?? [], Seeds(result.GetValue(seeds)!), result.GetValue(folder), result.GetValue(json)));
        return new Command("benchmark", "Measure again what the README says") { learning };
    }

    /// <summary>The middle of the results, the mean of both middles of an even number; a run without a result counts as the worst.</summary>
    internal static double Median(IEnumerable<double?> results)
    {
        var sorted = results.Select(result => result ?? double.NegativeInfinity).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static async Task<int> LearningAsync(CommandContext context, string[] names, ulong[] seeds, string? folder, bool json)
    {
        var files = names.Length == 0 ? HoconFolder.Experiments().Select(known => known.Name) : names;
        var experiments = files.Select(name => HoconFolder.FindExperiment(name, context.CurrentFolder)).Distinct().Select(file => Find(file, context)).ToArray();
        if (experiments.GroupBy(experiment => experiment.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadInputException($"Two experiments are called {twice.Key}, and their runs would share a folder; rename one of the files.");
        if (folder is not null && Path.GetFullPath(folder, context.CurrentFolder) is var kept && (File.Exists(kept) || (Directory.Exists(kept) && Directory.EnumerateFileSystemEntries(kept).Any())))
            throw new BadInputException($"--folder {folder} is not an empty folder; name a new one.");
        var runs = folder is null ? Directory.CreateTempSubdirectory("akkarl-benchmark-").FullName : Path.GetFullPath(folder, context.CurrentFolder);
        try
        {
            return await RunAsync(context, experiments, seeds, runs, json);
        }
        finally
        {
            if (folder is null)
                Directory.Delete(runs, recursive: true);
        }
    }

    /// <summary>Reads an experiment and refuses what could not be judged in the end, before anything is trained.</summary>
    private static Experiment Find(string file, CommandContext context)
    {
        var settings = SettingsLayers.Load([file], context.Variables, []);
        var assembly = settings.EnvironmentAssembly == "" ? "" : Path.GetFullPath(settings.EnvironmentAssembly, context.CurrentFolder);
        var env = EnvAssembly.FindEnv(EnvAssembly.Catalog(assembly), settings.Environment);
        if (env.SolvedAt is not { } mark)
            throw new BadInputException($"{file} trains on {env.Id}, which has no mark to compare with. Give the env a SolvedAt, or name other experiments.");
        if (settings.Evaluation.FinalEpisodes == 0)
            throw new BadInputException($"{file} has akkarl.evaluation.final-episodes = 0, so that its policies would not be judged; set it to 100 or so.");
        return new Experiment(Path.GetFileNameWithoutExtension(file), settings, env, mark);
    }

    private static async Task<int> RunAsync(CommandContext context, Experiment[] experiments, ulong[] seeds, string runs, bool json)
    {
        if (!json)
            context.Output.WriteLine($"""
                Each figure is the mean of greedy episodes, for the seeds {string.Join(", ", seeds)} in turn; the median is that of the last policies.

                | Experiment | Mark | Budget, env steps | Last policy | Best policy | Solved at env step | Median | |
                |---|---|---|---|---|---|---|---|
                """);
        var rows = new List<LearningRow>();
        var exitCode = ExitCodes.Success;
        foreach (var experiment in experiments)
        {
            var results = new List<SeedResult>();
            foreach (var seed in seeds)
            {
                var run = Path.Combine(runs, string.Create(CultureInfo.InvariantCulture, $"{experiment.Name}-{seed}"));
                var ended = await new ReportedRun(context with { Output = TextWriter.Null }, experiment.Name, run, json: true, quiet: true, database: null)
                    .TrainAsync(experiment.Settings with { Seed = seed });
                if (ended == ExitCodes.Interrupted)
                    return ended;
                results.Add(Read(seed, Path.Combine(run, RunFolder.Summary)));
                context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{experiment.Name}, seed {seed}: {results[^1].StopReason} after {results[^1].EnvironmentSteps:N0} env steps, last policy {Text(results[^1].Last)}, best {Text(results[^1].Best)}"));
            }
            var median = Median(results.Select(result => result.Last));
            var row = new LearningRow(
                experiment.Name, experiment.Settings.Algorithm, experiment.Env.Id, experiment.Mark, experiment.Settings.TotalSteps, experiment.Settings.Evaluation.FinalEpisodes,
                results, median, median >= experiment.Mark);
            rows.Add(row);
            if (!row.Passed)
                exitCode = ExitCodes.Failure;
            if (!json)
                context.Output.WriteLine(Markdown(row));
        }
        if (json)
            context.Output.WriteLine(JsonSerializer.Serialize(rows, Json.Indented));
        return exitCode;
    }

    private static SeedResult Read(ulong seed, string summaryFile)
    {
        if (!File.Exists(summaryFile))
            return new SeedResult(seed, null, null, null, 0, StopReasons.Failed);
        var summary = JsonSerializer.Deserialize<RunSummary>(File.ReadAllBytes(summaryFile), Json.Indented)!;
        return new SeedResult(seed, summary.Evaluation?.Mean, summary.BestEvaluation?.Mean, summary.SolvedAtStep, summary.EnvironmentSteps, summary.StopReason);
    }

    private static string Markdown(LearningRow row)
    {
        var (last, best) = (row.Seeds.Select(seed => Text(seed.Last)), row.Seeds.Select(seed => Text(seed.Best)));
        var solved = row.Seeds.Select(seed => seed.SolvedAtStep?.ToString("#,0", CultureInfo.InvariantCulture) ?? "never");
        return string.Create(CultureInfo.InvariantCulture,
            $"| {row.Experiment} | {row.Mark:0.##} | {row.Budget:N0} | {string.Join("; ", last)} | {string.Join("; ", best)} | {string.Join("; ", solved)} | {Text(row.Median)} | {(row.Passed ? "pass" : "MISS")} |");
    }

    private static string Text(double? mean) => mean is { } number && double.IsFinite(number) ? number.ToString("0.0", CultureInfo.InvariantCulture) : "none";

    private static ulong[] Seeds(string written)
    {
        var seeds = written.Split(',').Select(word => ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new BadInputException($"--seeds is {written}; it must be whole numbers with commas between them and no spaces, such as 1,2,3.")).ToArray();
        return seeds.Distinct().Count() == seeds.Length ? seeds
            : throw new BadInputException($"--seeds is {written}; each seed may be named once, for the same seed again would tell nothing new.");
    }

    private sealed record Experiment(string Name, RunSettings Settings, EnvSpec Env, double Mark);

    /// <summary>Of one run: the means of its final evaluations, null where it failed before them.</summary>
    private sealed record SeedResult(ulong Seed, double? Last, double? Best, long? SolvedAtStep, long EnvironmentSteps, string StopReason);

    /// <summary>Of all runs of an experiment; its names are the keys of the JSON.</summary>
    private sealed record LearningRow(
        string Experiment, string Algorithm, string Environment, double Mark, long Budget, int EvaluationEpisodes,
        IReadOnlyList<SeedResult> Seeds, double Median, bool Passed);
}
