using Akka.Persistence;

namespace AkkaRL.Actors.Persistence;

/// <summary>
/// Reads a run as a take-over would and writes nothing: a process that may have to take the run over has opened the database then, and has loaded and
/// compiled what reads it, which takes seconds.
/// </summary>
/// <remarks>Parent: whoever may take the run over; it needs no answer. Stops when all is read, or when it cannot be: that is seen to when it matters.</remarks>
internal sealed class SnapshotRehearsal(SnapshotDatabase database) : UntypedPersistentActor
{
    // As in SnapshotJournal: before the base constructor looks for the plugins.
    private readonly string runId = database.Prepare(Context.System);

    public override string PersistenceId => runId;

    protected override void OnRecover(object message)
    {
        if (message is RecoveryCompleted)
            Context.Stop(Self);
    }

    protected override void OnCommand(object message) => Unhandled(message);

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        // Akka.Persistence stops it.
    }
}
