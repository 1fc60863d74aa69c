using Akka.Actor;
using Akka.Event;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Actors.Cluster;

/// <summary>On each candidate: hears when the run has ended on another, and opens a database that it shares, for the case that the learner comes here.</summary>
/// <remarks>Parent: /user. Supervises a <see cref="SnapshotRehearsal"/>, which may fail. In: <see cref="RunEnded"/>.</remarks>
internal sealed class RunCandidate : ReceiveActor
{
    private readonly SupervisorStrategy strategy;

    /// <param name="runId">The run that this node is a candidate for.</param>
    /// <param name="storage">Where its snapshots are; null for none.</param>
    /// <param name="outcome">Receives null then.</param>
    public RunCandidate(string runId, SnapshotStorage? storage, TaskCompletionSource<RunResult?> outcome)
    {
        var database = storage?.Database;
        strategy = new StopAndReport((_, cause) =>
        {
            Context.GetLogger().Warning("This node could not go on with the run now. {0}", StorageFault.Describe(cause, database!));
            return false;
        });
        if (database is { IsSqlite: false })
            Context.ActorOf(Props.Create(() => new SnapshotRehearsal(database)).WithDispatcher(TrainingRun.PinnedDispatcher));
        Receive<RunEnded>(message => message.RunId == runId, _ => outcome.TrySetResult(null));
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => strategy;
}
