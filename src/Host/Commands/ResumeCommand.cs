using System.CommandLine;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl resume</c>: a run that was killed or stopped goes on from its last snapshot.</summary>
internal static class ResumeCommand
{
    public static Command Create(CommandContext context)
    {
        var run = new Argument<string>("run") { Description = "The run's folder" };
        var steps = new Option<string>("--steps") { HelpName = "n", Description = "Env steps, over all workers and all of the run's lives, if it is to be longer" };
        var set = new Option<string[]>("--set") { HelpName = "key=value", Description = "A key that does not change what the run means, such as snapshots.keep=5; may be repeated" };
        var database = new Option<string>("--database") { HelpName = "connection", Description = "PostgreSQL's connection string; also the variable AKKARL_DATABASE" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON on standard output, and progress on standard error" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the summary" };
        var command = new Command("resume", "Go on with a run that was killed or stopped") { run, steps, set, database, json, quiet };
        command.SetAction((result, _) =>
        {
            var folder = RunFolder.Open(result.GetValue(run)!, context.CurrentFolder);
            var options = (result.GetValue(set) ?? []).Select(SettingsLayers.FromAssignment);
            if (result.GetValue(steps) is { } total)
                options = options.Append(HoconText.ParseValue("akkarl.total-steps", total, "--steps"));
            var asked = SettingsLayers.Load([folder.PathOf(RunFolder.Settings)], new Dictionary<string, string>(), options);
            return new ReportedRun(context, null, null, result.GetValue(json), result.GetValue(quiet), result.GetValue(database)).ResumeAsync(folder, asked);
        });
        return command;
    }
}
