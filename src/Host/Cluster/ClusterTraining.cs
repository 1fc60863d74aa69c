using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Telemetry;

namespace AkkaRL.Host.Cluster;

/// <summary>Training as a node: what <see cref="TrainingRun"/> is for one process.</summary>
internal static class ClusterTraining
{
    /// <summary>How long a successor waits for a database that is away: there is nobody at its terminal who would start it again.</summary>
    private static readonly TimeSpan SuccessorPatience = TimeSpan.FromMinutes(5);

    /// <summary>Joins as a node that may have the learner, and has workers if that is its role too; completes when the run is over, or has stopped here.</summary>
    /// <returns>The result where the learner ended here; null where it ended on another node.</returns>
    public static async Task<RunResult?> LearnAsync(
        CommandContext context, ClusterNode node, string runId, RunSettings settings, EnvSpec env, Action<RunEvent> listener, SnapshotStorage? storage, CancellationToken stop)
    {
        if (storage is not null && !node.BeginsCluster)
            storage = storage with { TakeOverPatience = SuccessorPatience };
        node.Join(settings, runId, storage);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var work = settings.Cluster.Roles.Contains(ClusterRoles.Worker) ? WorkAsync(context, node, settings, ended.Token) : Task.FromResult("");
        try
        {
            var learning = ClusterRun.StartLearnerAsync(node.System, settings, env, listener, storage, settings.Cluster.Link, stop: stop);
            // Registered after the learner's own, hence called before it: the others are told while this node is still a member.
            await using var registration = stop.Register(() => node.EndRun(StopReasons.Stopped));
            var result = await learning;
            if (result is not null)
                node.EndRun(result.Summary.StopReason);
            return result;
        }
        finally
        {
            await ended.CancelAsync();
            await work.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Has workers for a run whose learner may be anywhere; completes with the reason when the run is over.</summary>
    public static async Task<string> WorkAsync(CommandContext context, ClusterNode node, RunSettings own, CancellationToken stop)
    {
        var assembly = own.EnvironmentAssembly == "" ? "" : Path.GetFullPath(own.EnvironmentAssembly, context.CurrentFolder);
        var offer = new NodeSettings { Name = $"{Environment.MachineName}:{node.Port}", Workers = own.Cluster.Workers };
        var figures = new NodeFigures();
        using var meters = own.Telemetry.IsOn ? new NodeMeters(figures, offer.Name) : null;
        return await ClusterRun.StartWorkerAsync(node.System, offer, run => FindEnv(assembly, run.Environment), own.Cluster.Link, figures: figures, stop: stop);
    }

    private static EnvSpec FindEnv(string assembly, string id)
    {
        try
        {
            return EnvAssembly.FindEnv(EnvAssembly.Catalog(assembly), id);
        }
        catch (BadInputException missing)
        {
            throw new InvalidSettingsException(missing.Message);
        }
    }
}
