using System.CommandLine;
using System.Text.Json;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl train</c>: settings, run folder, actors, reports, summary, in this order.</summary>
internal static class TrainCommand
{
    public static Command Create(CommandContext context)
    {
        var experiment = new Argument<string?>("experiment") { Arity = ArgumentArity.ZeroOrOne, Description = "An experiment of `akkarl list`, or the path of a .conf file of your own; defaults without one" };
        // Options that are settings: each is its key's value, read and checked like any other.
        var settings = new (string Key, Option<string> Option)[]
        {
            ("akkarl.algorithm", Setting("--algorithm", "name", "The algorithm")),
            ("akkarl.environment", Setting("--env", "id", "The env")),
            ("akkarl.environment-assembly", Setting("--env-assembly", "path", "A .dll with envs of your own")),
            ("akkarl.workers", Setting("--workers", "n", "Worker actors")),
            ("akkarl.seed", Setting("--seed", "n", "The seed that every random number is derived from")),
            ("akkarl.total-steps", Setting("--steps", "n", "Env steps, over all workers")),
            ("akkarl.engine", Setting("--engine", "kind", "auto, fused or torch")),
        };
        var deterministic = new Option<bool>("--deterministic") { Description = "Same seed and worker count, same parameters bit for bit" };
        var set = new Option<string[]>("--set") { HelpName = "key=value", Description = "Any key of hocon/reference.conf; may be repeated, and wins over all else" };
        var overlay = new Option<string[]>("--overlay") { HelpName = "file.conf", Description = "Settings under the experiment's; may be repeated, later over earlier" };
        var folder = new Option<string>("--run-folder") { HelpName = "path", Description = "The run's folder, new or empty; otherwise a new one under runs/" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON on standard output, and progress on standard error" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the summary" };
        var command = new Command("train", "Train an agent; Ctrl-C stops with a summary") { experiment };
        Option[] others = [deterministic, set, overlay, folder, json, quiet];
        foreach (var option in settings.Select(setting => setting.Option).Concat(others))
            command.Options.Add(option);
        command.SetAction((result, _) =>
        {
            var file = result.GetValue(experiment) is { } name ? HoconFolder.FindExperiment(name, context.CurrentFolder) : null;
            var overlays = (result.GetValue(overlay) ?? []).Select(path => Path.GetFullPath(path, context.CurrentFolder));
            var options = settings
                .Where(setting => result.GetResult(setting.Option) is not null)
                .Select(setting => HoconText.ParseValue(setting.Key, result.GetValue(setting.Option)!, setting.Option.Name));
            if (result.GetValue(deterministic))
                options = options.Append(HoconText.ParseValue("akkarl.deterministic", "on", "--deterministic"));
            var loaded = SettingsLayers.Load(file is null ? overlays : overlays.Append(file), context.Variables,
                options.Concat((result.GetValue(set) ?? []).Select(SettingsLayers.FromAssignment)));
            return RunAsync(context, loaded, file is null ? null : Path.GetFileNameWithoutExtension(file), result.GetValue(folder), result.GetValue(json), result.GetValue(quiet));
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, RunSettings settings, string? name, string? folderPath, bool json, bool quiet)
    {
        if (settings.EnvironmentAssembly != "")
            settings = settings with { EnvironmentAssembly = Path.GetFullPath(settings.EnvironmentAssembly, context.CurrentFolder) };
        var env = EnvAssembly.FindEnv(settings);
        settings = settings with { Environment = env.Id };
        RequireServable(settings, env);
        var folder = RunFolder.Create(folderPath, FolderName(name ?? env.Id), settings, context.CurrentFolder, context.Time.GetUtcNow());
        RunSummary summary;
        try
        {
            summary = await TrainAsync(context, settings, env, folder, json, quiet);
        }
        catch (IOException error)
        {
            context.Error.WriteLine($"The run was stopped because its folder {folder.FullPath} could not be written: {error.Message} Make room there, or name another with --run-folder.");
            return ExitCodes.Failure;
        }
        if (json)
            context.Output.WriteLine(JsonSerializer.Serialize(summary, Json.Indented));
        else
            SummaryText.Write(context.Output, summary, env.SolvedAt, Path.GetRelativePath(context.CurrentFolder, folder.FullPath));
        if (summary.StopReason == "failed")
            context.Error.WriteLine($"The run failed: {summary.StopDetail}");
        return summary.StopReason switch
        {
            "failed" => ExitCodes.Failure,
            "stopped" => ExitCodes.Interrupted,
            _ => ExitCodes.Success,
        };
    }

    /// <summary>Before anything is written: can the algorithm serve the env at all?</summary>
    private static void RequireServable(RunSettings settings, EnvSpec env)
    {
        try
        {
            _ = new RunPlan(settings, env);
        }
        catch (Exception error) when (error is not InvalidSettingsException)
        {
            throw new BadInputException($"The env {env.Id} cannot be made: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} Correct its constructor or its spaces.");
        }
    }

    private static async Task<RunSummary> TrainAsync(CommandContext context, RunSettings settings, EnvSpec env, RunFolder folder, bool json, bool quiet)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        var queue = new ReportQueue(() => Reports(context, settings, env, folder, json, quiet), stop.Cancel);
        try
        {
            var result = await TrainingRun.StartAsync(settings, env, happened =>
            {
                // The end is told below, with the result at hand, whether or not the actors told it.
                if (happened is not RunFinished)
                    queue.Tell(happened);
            }, stop.Token);
            using var best = result.Best;
            using var last = result.Last;
            queue.Tell(new RunFinished(result));
            await queue.FinishAsync();
            return result.Summary;
        }
        finally
        {
            await queue.FinishAsync();
        }
    }

    private static List<IRunReport> Reports(CommandContext context, RunSettings settings, EnvSpec env, RunFolder folder, bool json, bool quiet)
    {
        var reports = new List<IRunReport> { new RunFiles(folder, settings, env, context.Time) };
        if (!quiet)
            reports.Add(context.IsTerminal && !json ? new LiveProgress(context.Output, context.Time) : new PlainProgress(json ? context.Error : context.Output, context.Time));
        return reports;
    }

    private static Option<string> Setting(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static string FolderName(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-'));
}
