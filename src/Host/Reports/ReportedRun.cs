using System.Text;
using System.Text.Json;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Cluster;
using AkkaRL.Host.Settings;
using AkkaRL.Host.Telemetry;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Torch;

namespace AkkaRL.Host.Reports;

/// <summary>One run from the command line: env, run folder, actors, reports, summary, in this order.</summary>
/// <param name="context">Where it writes to and what stops it.</param>
/// <param name="name">What a new folder is named after; null for the env.</param>
/// <param name="folderPath">The folder asked for; null for a new one.</param>
/// <param name="json">Whether standard output is for the summary's JSON alone.</param>
/// <param name="quiet">Whether there is no progress.</param>
/// <param name="database">PostgreSQL's connection string, if there is one.</param>
internal sealed class ReportedRun(CommandContext context, string? name, string? folderPath, bool json, bool quiet, string? database)
{
    /// <summary>The node that trains; null for this process alone.</summary>
    public ClusterNode? Node { get; init; }

    /// <summary>Trains, and returns the exit code.</summary>
    /// <exception cref="BadInputException">There is no such env, or the folder cannot be used; nothing is left behind.</exception>
    /// <exception cref="InvalidSettingsException">The algorithm cannot serve the env; nothing is left behind.</exception>
    public async Task<int> TrainAsync(RunSettings asked)
    {
        var (settings, env) = Complete(asked);
        RequireServable(settings, env);
        using var telemetry = StartTelemetry(settings);
        var folder = RunFolder.Create(folderPath, FolderName(name ?? env.Id), settings, context.CurrentFolder, context.Time.GetUtcNow());
        using var owned = RunLock.Take(folder.FullPath);
        return await TrainAsync(settings, env, folder, owned, resume: false);
    }

    /// <summary>Goes on with the run in a folder, and returns the exit code.</summary>
    /// <exception cref="BadInputException">The settings would make it another run, or another process has it.</exception>
    /// <exception cref="SnapshotStorageException">Its snapshots cannot be read.</exception>
    public async Task<int> ResumeAsync(RunFolder folder, RunSettings asked)
    {
        var (settings, env) = Complete(asked);
        var began = SettingsLayers.Load([folder.PathOf(RunFolder.Settings)], new Dictionary<string, string>(), []);
        ResumeRules.Check(began, settings);
        RequireServable(settings, env);
        using var telemetry = StartTelemetry(settings);
        using var owned = RunLock.Take(folder.FullPath);
        if (EndOf(folder) is { } end)
        {
            if (settings.TotalSteps == began.TotalSteps && (end.Reason == StopReasons.Completed || settings.StopWhenSolved))
            {
                context.Error.WriteLine(end.Reason == StopReasons.Completed
                    ? $"The run is finished: its {began.TotalSteps} env steps are made. To train on, ask for more with --steps."
                    : "The run is finished: it solved its env. To train on, say --set stop-when-solved=off.");
                if (json)
                    context.Output.WriteLine(File.ReadAllText(folder.PathOf(RunFolder.Summary)).TrimEnd());
                return ExitCodes.Success;
            }
            if (!end.IsKept)
                throw new BadInputException($"The run in {folder.FullPath} is finished, and has no snapshot to go on from: it would begin at step 0, and replace the policies that it has. Train in a new folder, with akkarl.snapshots.enabled = on.");
        }
        try
        {
            AtomicFile.Write(folder.PathOf(RunFolder.Settings), stream => stream.Write(Encoding.UTF8.GetBytes(SettingsWriter.Write(settings))));
        }
        catch (IOException error)
        {
            throw new BadInputException($"The run folder {folder.FullPath} cannot be written: {error.Message} Make room there, then resume.");
        }
        return await TrainAsync(settings, env, folder, owned, resume: true);
    }

    private (RunSettings Settings, EnvSpec Env) Complete(RunSettings asked)
    {
        RunDatabase.RequireUse(asked, database);
        var assembly = asked.EnvironmentAssembly == "" ? "" : Path.GetFullPath(asked.EnvironmentAssembly, context.CurrentFolder);
        var env = EnvAssembly.FindEnv(EnvAssembly.Catalog(assembly), asked.Environment);
        return (asked with { Environment = env.Id, EnvironmentAssembly = assembly }, env);
    }

    /// <summary>Why the run ended, if it came to its end, and whether it can be gone on with from a snapshot; a run that was killed, stopped or failed has not.</summary>
    private static (string Reason, bool IsKept)? EndOf(RunFolder folder)
    {
        if (!File.Exists(folder.PathOf(RunFolder.Summary)))
            return null;
        using var summary = JsonDocument.Parse(File.ReadAllBytes(folder.PathOf(RunFolder.Summary)));
        var reason = summary.RootElement.GetProperty("stopReason").GetString();
        var isKept = summary.RootElement.TryGetProperty("snapshots", out var snapshots) && snapshots.ValueKind == JsonValueKind.Object
            && snapshots.GetProperty("latestStep").ValueKind == JsonValueKind.Number;
        return reason is StopReasons.Completed or StopReasons.Solved ? (reason, isKept) : null;
    }

    private async Task<int> TrainAsync(RunSettings settings, EnvSpec env, RunFolder folder, RunLock owned, bool resume)
    {
        var runId = Node?.RunId ?? owned.RunId;
        var kept = settings.Snapshots.Enabled ? RunDatabase.Find(settings, folder, runId, database, context.Variables) : null;
        try
        {
            return Conclude(await TrainAsync(settings, env, folder, runId, kept, resume), env, folder);
        }
        catch (IOException error)
        {
            context.Error.WriteLine($"The run was stopped because its folder {folder.FullPath} could not be written: {error.Message} {(kept is null ? "Make room there, or name another with --run-folder." : $"Make room there, then go on with `akkarl resume {Path.GetRelativePath(context.CurrentFolder, folder.FullPath)}`.")}");
            return ExitCodes.Failure;
        }
    }

    /// <summary>Before anything is written: can the algorithm serve the env, and this machine the engine?</summary>
    private static void RequireServable(RunSettings settings, EnvSpec env)
    {
        RunPlan plan;
        try
        {
            plan = new RunPlan(settings, env);
        }
        catch (Exception error) when (error is not InvalidSettingsException)
        {
            throw new BadInputException($"The env {env.Id} cannot be made: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} Correct its constructor or its spaces.");
        }
        if (plan.Engine != EngineKind.Torch)
            return;
        var torch = TorchRuntime.Probe();
        if (!torch.Loads)
            throw new BadInputException($"akkarl.engine is torch, but TorchSharp does not load: {torch.Reason?.ReplaceLineEndings(" ")} {torch.Advice ?? "Set akkarl.engine = fused, which does not need it."}");
        if (settings.Device != "cpu" && !torch.Cuda)
            throw new BadInputException($"akkarl.device is \"{settings.Device}\", but TorchSharp finds no such device here. Set akkarl.device = cpu, or build with a CUDA package of libtorch; akkarl doctor shows what is found.");
    }

    /// <summary>A node has its own, which is there before it has a run.</summary>
    private ProcessTelemetry? StartTelemetry(RunSettings settings) => Node is null ? ProcessTelemetry.Start(settings.Telemetry, () => null, () => null) : null;

    private async Task<RunSummary?> TrainAsync(RunSettings settings, EnvSpec env, RunFolder folder, string runId, SnapshotDatabase? kept, bool resume)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        var queue = new ReportQueue(() => Reports(settings, env, folder, resume), stop.Cancel);
        try
        {
            var storage = kept is null ? null : new SnapshotStorage(kept, resume, queue.FlushAsync);
            var result = Node is null
                ? await TrainingRun.StartAsync(settings, env, Tell, storage, stop: stop.Token)
                : await ClusterTraining.LearnAsync(context, Node, runId, settings, env, Tell, storage, stop.Token);
            if (result is null)
                return null;
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

        // The end is told above, with the result at hand, whether or not the actors told it.
        void Tell(RunEvent happened)
        {
            if (happened is not RunFinished)
                queue.Tell(happened);
        }
    }

    private List<IRunReport> Reports(RunSettings settings, EnvSpec env, RunFolder folder, bool resume)
    {
        var reports = new List<IRunReport> { new RunFiles(folder, settings, env, context.Time, resume) };
        if (!quiet)
            reports.Add(context.IsTerminal && Node is null && !json ? new LiveProgress(context.Output, context.Time) : new PlainProgress(json ? context.Error : context.Output, context.Time));
        if (settings.Telemetry.IsOn)
            reports.Add(new RunMeters(settings));
        return reports;
    }

    private int Conclude(RunSummary? summary, EnvSpec env, RunFolder folder)
    {
        if (summary is null)
        {
            (json ? context.Error : context.Output).WriteLine("The run is over; it ended on another node.");
            return ExitCodes.Success;
        }
        if (json)
            context.Output.WriteLine(JsonSerializer.Serialize(summary, Json.Indented));
        else
            SummaryText.Write(context.Output, summary, env.SolvedAt, Path.GetRelativePath(context.CurrentFolder, folder.FullPath));
        if (summary.StopReason == StopReasons.Failed)
            context.Error.WriteLine($"The run failed: {summary.StopDetail}");
        return summary.StopReason switch
        {
            StopReasons.Failed => ExitCodes.Failure,
            StopReasons.Stopped => ExitCodes.Interrupted,
            _ => ExitCodes.Success,
        };
    }

    private static string FolderName(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-'));
}
