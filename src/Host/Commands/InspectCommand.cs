using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaRL.Actors.Persistence;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl inspect</c>: a run's snapshots, each verified. Exit code 1 when one is invalid.</summary>
internal static class InspectCommand
{
    public static Command Create(CommandContext context)
    {
        var run = new Argument<string>("run") { Description = "The run's folder" };
        var database = new Option<string>("--database") { HelpName = "connection", Description = "PostgreSQL's connection string; also the variable AKKARL_DATABASE" };
        var json = new Option<bool>("--json") { Description = "Print the snapshots as JSON" };
        var command = new Command("inspect", "List and verify a run's snapshots") { run, database, json };
        command.SetAction(result => Run(context, result.GetValue(run)!, result.GetValue(database), result.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string run, string? connection, bool json)
    {
        var folder = RunFolder.Open(run, context.CurrentFolder);
        var settings = SettingsLayers.Load([folder.PathOf(RunFolder.Settings)], new Dictionary<string, string>(), []);
        RunDatabase.RequireUse(settings, connection);
        var snapshots = RunLock.FindRunId(folder.FullPath) is { } id ? SnapshotArchive.Read(RunDatabase.Find(settings, folder, id, connection, context.Variables)) : [];
        if (json)
            context.Output.WriteLine(JsonSerializer.Serialize(snapshots.Select(snapshot => new
            {
                snapshot.SequenceNumber,
                snapshot.Bytes,
                IsValid = snapshot.Invalid is null,
                snapshot.Invalid,
                snapshot.Info,
            }), Json.Indented));
        else if (snapshots.Count == 0)
            context.Output.WriteLine("No snapshots: akkarl resume would begin the run anew.");
        else
            Write(context.Output, snapshots);
        return snapshots.Any(snapshot => snapshot.Invalid is not null) ? ExitCodes.Failure : ExitCodes.Success;
    }

    private static void Write(TextWriter output, IReadOnlyList<ArchivedSnapshot> snapshots)
    {
        output.WriteLine($"{"number",8}{"step",14}{"updates",12}{"bytes",12}{"life",6}  taken at (UTC)       verdict");
        foreach (var snapshot in snapshots)
            output.WriteLine(snapshot.Info is { } info
                ? string.Create(CultureInfo.InvariantCulture, $"{snapshot.SequenceNumber,8}{info.GlobalStep,14:N0}{info.Updates,12:N0}{snapshot.Bytes,12:N0}{info.Incarnation,6}  {info.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}  valid, {(info.IsExact ? "exact" : "fresh episodes")}")
                : string.Create(CultureInfo.InvariantCulture, $"{snapshot.SequenceNumber,8}{"",26}{snapshot.Bytes,12:N0}{"",6}  {"",19}  INVALID: {snapshot.Invalid}"));
    }
}
