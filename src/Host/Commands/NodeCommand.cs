using System.CommandLine;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Cluster;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl node</c>: this process takes part in a run that another node was started with.</summary>
internal static class NodeCommand
{
    public static Command Create(CommandContext context)
    {
        var experiment = new Argument<string?>("experiment") { Arity = ArgumentArity.ZeroOrOne, Description = "What the cluster should be training; the node does not join one that trains anything else. Left out, it takes what there is" };
        var roles = new Option<string[]>("--role") { HelpName = "role", Description = "worker (has workers), learner (goes on with the run when its learner is lost; needs PostgreSQL) or witness (is counted); may be repeated" };
        var seeds = new Option<string[]>("--seed-node") { HelpName = "host:port", Description = "A node of the cluster; may be repeated. Also the variable AKKARL_SEED_NODES, with commas between" };
        var settings = new (string Key, Option<string> Option)[]
        {
            ("akkarl.cluster.host", new("--host") { HelpName = "address", Description = "The address that this node listens on" }),
            ("akkarl.cluster.port", new("--port") { HelpName = "n", Description = "The port that it listens on; 0 for any that is free" }),
            ("akkarl.cluster.advertised-host", new("--advertised-host") { HelpName = "name", Description = "What other nodes reach this one by" }),
            ("akkarl.cluster.workers", new("--workers") { HelpName = "n", Description = "Worker actors of this node; 0 for one a core" }),
            ("akkarl.environment-assembly", new("--env-assembly") { HelpName = "path", Description = "A .dll with envs of your own" }),
        };
        var overlay = new Option<string[]>("--cluster") { HelpName = "file.conf", Description = "Settings of this node, such as its certificates' paths; may be repeated" };
        var set = new Option<string[]>("--set") { HelpName = "key=value", Description = "A key of akkarl.cluster or akkarl.telemetry; may be repeated, and wins over all else" };
        var folder = new Option<string>("--run-folder") { HelpName = "path", Description = "Where a learner's node writes its reports; otherwise a new one under runs/" };
        var database = new Option<string>("--database") { HelpName = "connection", Description = "PostgreSQL's connection string, for a learner; also the variable AKKARL_DATABASE" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress" };
        var command = new Command("node", "Take part in a run as a node of its cluster; Ctrl-C leaves it") { experiment };
        Option[] others = [roles, seeds, overlay, set, folder, database, quiet];
        foreach (var option in settings.Select(setting => setting.Option).Concat(others))
            command.Options.Add(option);
        command.SetAction((result, _) =>
        {
            var file = result.GetValue(experiment) is { } name ? HoconFolder.FindExperiment(name, context.CurrentFolder) : null;
            var overlays = (result.GetValue(overlay) ?? []).Select(path => HoconFolder.FindOverlay(path, context.CurrentFolder)).ToArray();
            var assigned = (result.GetValue(set) ?? []).Select(SettingsLayers.FromAssignment).ToArray();
            if (file is null)
                NodeRules.RequireOwn(overlays.SelectMany(HoconFolder.Load).Concat(assigned));
            var options = SeedNodes.Read(context.Variables, result.GetValue(seeds))
                .Concat(result.GetValue(roles) is { Length: > 0 } wanted ? [new("akkarl.cluster.roles", new SettingValue([.. wanted], true, "--role"))] : [])
                .Concat(settings.Where(setting => result.GetResult(setting.Option) is not null).Select(setting => HoconText.ParseValue(setting.Key, result.GetValue(setting.Option)!, setting.Option.Name)))
                .Concat(assigned);
            var own = SettingsLayers.Load(overlays.Concat(file is null ? [] : [file]), context.Variables, options);
            return RunAsync(context, own, Path.GetFileNameWithoutExtension(file), result.GetValue(folder), result.GetValue(quiet), result.GetValue(database));
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, RunSettings own, string? experiment, string? folder, bool quiet, string? database)
    {
        var roles = own.Cluster.Roles;
        if (roles.Contains(ClusterRoles.Learner))
            RunDatabase.RequireConnection(database, context.Variables);
        await using var node = await ClusterNode.OpenAsync(context, own);
        await node.AskAdmissionAsync(mayBegin: false);
        if (experiment is not null)
            node.RequireSame(own);
        var settings = node.SettingsOfRun(own);
        if (roles.Contains(ClusterRoles.Learner))
            return await new ReportedRun(context, experiment, folder, json: false, quiet, database) { Node = node }.TrainAsync(settings);
        node.Join(settings, node.RunId!, storage: null);
        if (!quiet)
            context.Output.WriteLine($"{string.Join(", ", roles)} of the cluster {own.Cluster.Name}: {settings.Algorithm} on {settings.Environment}, run {node.RunId}");
        var reason = await node.UntilOverAsync(roles.Contains(ClusterRoles.Worker) ? ClusterTraining.WorkAsync(context, node, own, context.Stop) : null);
        if (context.Stop.IsCancellationRequested)
            return ExitCodes.Interrupted;
        if (reason == StopReasons.Stopped)
            throw new ClusterLeftException("The run was stopped where its learner was. Start this node again when it goes on.");
        if (!quiet)
            context.Output.WriteLine($"The run is over: {reason}.");
        return reason == StopReasons.Failed ? ExitCodes.Failure : ExitCodes.Success;
    }
}
