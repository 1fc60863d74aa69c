using System.CommandLine;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Cluster;
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
        var cluster = new Option<string[]>("--cluster") { HelpName = "file.conf", Description = "Train as a node of a cluster, by these settings of it (hocon/cluster.conf); may be repeated" };
        var seeds = new Option<string[]>("--seed-node") { HelpName = "host:port", Description = "With --cluster: the nodes that begin the cluster, this one among them; may be repeated" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON on standard output, and progress on standard error" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the summary" };
        var command = new Command("train", "Train an agent; Ctrl-C stops with a summary") { experiment };
        Option[] others = [deterministic, set, overlay, folder, resume, database, cluster, seeds, json, quiet];
        foreach (var option in settings.Select(setting => setting.Option).Concat(others))
            command.Options.Add(option);
        command.SetAction(async (result, _) =>
        {
            var file = result.GetValue(experiment) is { } name ? HoconFolder.FindExperiment(name, context.CurrentFolder) : null;
            var files = (result.GetValue(overlay) ?? []).Concat(result.GetValue(cluster) ?? []).Select(path => HoconFolder.FindOverlay(path, context.CurrentFolder)).Concat(file is null ? [] : [file]);
            var named = settings
                .Where(setting => result.GetResult(setting.Option) is not null)
                .Select(setting => HoconText.ParseValue(setting.Key, result.GetValue(setting.Option)!, setting.Option.Name));
            if (result.GetValue(deterministic))
                named = named.Append(HoconText.ParseValue("akkarl.deterministic", "on", "--deterministic"));
            var assigned = (result.GetValue(set) ?? []).Select(SettingsLayers.FromAssignment);
            var loaded = SettingsLayers.Load(files, context.Variables, SeedNodes.Read(context.Variables, result.GetValue(seeds)).Concat(named).Concat(assigned));
            if (result.GetValue(resume) && result.GetValue(folder) is null)
                throw new BadInputException("--resume needs --run-folder: the folder of the run to go on with.");
            if (result.GetValue(seeds) is { Length: > 0 } && result.GetValue(cluster) is not { Length: > 0 })
                throw new BadInputException("--seed-node needs --cluster: write --cluster hocon/cluster.conf to train as a node of a cluster.");
            await using var node = result.GetValue(cluster) is { Length: > 0 } ? await OpenNodeAsync(context, loaded, result.GetValue(database)) : null;
            var run = new ReportedRun(context, Path.GetFileNameWithoutExtension(file), result.GetValue(folder), result.GetValue(json), result.GetValue(quiet), result.GetValue(database)) { Node = node };
            return result.GetValue(resume) && RunFolder.Find(result.GetValue(folder), context.CurrentFolder) is { } begun ? await run.ResumeAsync(begun, loaded) : await run.TrainAsync(loaded);
        });
        return command;
    }

    /// <summary>A node that knows what to train: it begins the cluster, or is another that could go on with the run.</summary>
    private static async Task<ClusterNode> OpenNodeAsync(CommandContext context, RunSettings settings, string? database)
    {
        if (!settings.Cluster.Roles.Contains(ClusterRoles.Learner))
            throw new BadInputException($"akkarl.cluster.roles is [{string.Join(", ", settings.Cluster.Roles)}], without learner: a node that has no learner is started with akkarl node.");
        if (settings.Snapshots is { Enabled: true, Database: SnapshotDatabaseKind.PostgreSql })
            RunDatabase.RequireConnection(database, context.Variables);
        var node = await ClusterNode.OpenAsync(context, settings);
        try
        {
            await node.AskAdmissionAsync(mayBegin: true);
            node.RequireSame(settings);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private static Option<string> Setting(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
