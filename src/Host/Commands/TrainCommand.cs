using System.CommandLine;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl train</c>: from what is written on the command line to the settings of a <see cref="ReportedRun"/>.</summary>
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
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --run-folder, if there is one" };
        var database = new Option<string>("--database") { HelpName = "connection", Description = "PostgreSQL's connection string; also the variable AKKARL_DATABASE" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON on standard output, and progress on standard error" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the summary" };
        var command = new Command("train", "Train an agent; Ctrl-C stops with a summary") { experiment };
        Option[] others = [deterministic, set, overlay, folder, resume, database, json, quiet];
        foreach (var option in settings.Select(setting => setting.Option).Concat(others))
            command.Options.Add(option);
        command.SetAction((result, _) =>
        {
            var file = result.GetValue(experiment) is { } name ? HoconFolder.FindExperiment(name, context.CurrentFolder) : null;
            var files = (result.GetValue(overlay) ?? []).Select(path => HoconFolder.FindOverlay(path, context.CurrentFolder)).Concat(file is null ? [] : [file]);
            var named = settings
                .Where(setting => result.GetResult(setting.Option) is not null)
                .Select(setting => HoconText.ParseValue(setting.Key, result.GetValue(setting.Option)!, setting.Option.Name));
            if (result.GetValue(deterministic))
                named = named.Append(HoconText.ParseValue("akkarl.deterministic", "on", "--deterministic"));
            var assigned = (result.GetValue(set) ?? []).Select(SettingsLayers.FromAssignment);
            var loaded = SettingsLayers.Load(files, context.Variables, named.Concat(assigned));
            var run = new ReportedRun(context, Path.GetFileNameWithoutExtension(file), result.GetValue(folder), result.GetValue(json), result.GetValue(quiet), result.GetValue(database));
            if (!result.GetValue(resume))
                return run.TrainAsync(loaded);
            if (result.GetValue(folder) is null)
                throw new BadInputException("--resume needs --run-folder: the folder of the run to go on with.");
            return RunFolder.Find(result.GetValue(folder), context.CurrentFolder) is { } begun ? run.ResumeAsync(begun, loaded) : run.TrainAsync(loaded);
        });
        return command;
    }

    private static Option<string> Setting(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
