using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaRL.Actors.Cluster;
using AkkaRL.Host.Cluster;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;
using static AkkaRL.Actors.Protocol.Admission;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl status</c>: asks a node of a cluster how things are, without joining it.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var seeds = new Option<string[]>("--seed-node") { HelpName = "host:port", Description = "A node of the cluster, any; may be repeated, the first that answers is asked" };
        var overlay = new Option<string[]>("--cluster") { HelpName = "file.conf", Description = "Settings of akkarl.cluster, such as the certificates' paths" };
        var set = new Option<string[]>("--set") { HelpName = "key=value", Description = "A key of akkarl.cluster; may be repeated" };
        var json = new Option<bool>("--json") { Description = "Print the answer as JSON" };
        var command = new Command("status", "Show a cluster's nodes and how its run is") { seeds, overlay, set, json };
        command.SetAction((result, _) =>
        {
            var files = (result.GetValue(overlay) ?? []).Select(path => HoconFolder.FindOverlay(path, context.CurrentFolder));
            var options = SeedNodes.Read(context.Variables, result.GetValue(seeds)).Concat((result.GetValue(set) ?? []).Select(SettingsLayers.FromAssignment));
            return RunAsync(context, SettingsLayers.Load(files, context.Variables, options).Cluster, result.GetValue(json));
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, ClusterSettings settings, bool json)
    {
        if (settings.SeedNodes.IsEmpty)
            throw new BadInputException("Which cluster? Name one of its nodes with --seed-node host:port, or in the variable AKKARL_SEED_NODES.");
        var certificates = settings.HasTls ? NodeCertificates.Load(settings.Tls, context.CurrentFolder, context.Time.GetUtcNow()) : null;
        var objections = new List<string>();
        foreach (var (host, port) in settings.SeedNodes.Select(ClusterValidation.ParseNode))
        {
            var (answer, objection) = await SeedNodes.AskAsync(settings, certificates, host, port, new RequestStatus(), context.Stop);
            if (answer is ClusterDescribed described)
            {
                if (json)
                    context.Output.WriteLine(JsonSerializer.Serialize(described, Json.Indented));
                else
                    Write(context.Output, described);
                return ExitCodes.Success;
            }
            objections.Add(objection ?? $"{host}:{port} has another answer, such as of another version");
        }
        throw new BadInputException($"No node answered: {string.Join("; ", objections)}. Name a node that runs, and the certificates' paths with --cluster if it has some.");
    }

    private static void Write(TextWriter output, ClusterDescribed described)
    {
        output.WriteLine($"{described.Experiment}, run {described.RunId}, cluster {described.Cluster}, AkkaRL {described.Version}");
        output.WriteLine(described.Run is { } run
            ? string.Create(CultureInfo.InvariantCulture, $"step {run.GlobalStep:N0} of {run.TotalSteps:N0}, life {run.Incarnation} of the learner, newest snapshot {(run.SnapshotStep < 0 ? "none" : $"at {run.SnapshotStep:N0}")}")
            : "no learner answers: it is moving to another node, or none of the nodes can have it");
        output.WriteLine($"{"node",-24}{"state",-13}{"roles",-17}{"workers",8}{"steps/s",11}{"lag",8}");
        foreach (var member in described.Members)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{member.Address,-24}{member.State,-13}{string.Join(",", member.Roles),-17}{member.Workers,8}{member.StepsPerSecond,11:N0}{member.PolicyLag,8:0.0}"));
    }
}
