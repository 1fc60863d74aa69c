using AkkaRL.Actors.Persistence;

namespace AkkaRL.Actors.Protocol;

/// <summary>
/// The conversation about snapshots. Learner to supervisor to keeper: here is the state; and back: it is stored, or not.
/// A <see cref="RunState"/> belongs to whoever received it last, until it is settled.
/// </summary>
public static class Snapshots
{
    /// <summary>Learner to supervisor: its whole state, as of now.</summary>
    /// <param name="State">What it captured.</param>
    /// <param name="GlobalStep">Env steps applied.</param>
    /// <param name="Updates">Parameter version.</param>
    /// <param name="IsExact">Whether the workers' states are in it.</param>
    /// <param name="PauseSeconds">How long training stood still for it.</param>
    public sealed record StateCaptured(RunState State, long GlobalStep, long Updates, bool IsExact, double PauseSeconds);

    /// <summary>Supervisor to learner: the snapshot is stored or given up; another may be taken.</summary>
    /// <param name="Reusable">A buffer for it.</param>
    public sealed record SnapshotSettled(RunState? Reusable);

    /// <summary>Supervisor to keeper: store this.</summary>
    public sealed record StoreSnapshot(SnapshotInfo Info, RunState State)
    {
        /// <summary>How long training stood still for it.</summary>
        public double PauseSeconds { get; init; }
    }

    /// <summary>Keeper to supervisor: it is in the database, and confirmed.</summary>
    /// <param name="Info">Its label.</param>
    /// <param name="Bytes">Its size.</param>
    /// <param name="Seconds">How long that took.</param>
    public sealed record SnapshotStored(SnapshotInfo Info, long Bytes, double Seconds);

    /// <summary>Keeper to supervisor: it could not be stored.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    /// <param name="IsFenced">Whether another process has taken the run over; this one must not go on.</param>
    public sealed record SnapshotNotStored(string Reason, bool IsFenced);

    /// <summary>Supervisor to keeper: take the run over, and find what to go on from.</summary>
    public sealed record TakeOver;

    /// <summary>Keeper to supervisor: the run is this process's now.</summary>
    /// <param name="Incarnation">The learner's incarnation.</param>
    /// <param name="Info">The newest valid snapshot; null when there is none.</param>
    /// <param name="State">What it holds.</param>
    /// <param name="Refused">Newer snapshots that were refused, and why.</param>
    public sealed record TakenOver(long Incarnation, SnapshotInfo? Info, RunState? State, IReadOnlyList<string> Refused);

    /// <summary>Keeper to supervisor: the run cannot be taken over.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    public sealed record NotTakenOver(string Reason);

    /// <summary>Learner to worker, which waits without a rollout: capture your env and random numbers.</summary>
    public sealed record CaptureWorker(long Incarnation);

    /// <summary>Worker to learner: here they are.</summary>
    public sealed record WorkerCaptured(int Worker, int Life, long Incarnation, byte[] State);

    /// <summary>Learner to one of its parts, an actor that holds some of what it knows: write that into the state, which is lent.</summary>
    public sealed record CapturePart(RunState State);

    /// <summary>Part to learner: done; the state comes back.</summary>
    public sealed record PartCaptured(RunState State);

    /// <summary>Learner, in a new life, to one of its parts: go on from this state, which is only read; from the start without one.</summary>
    public sealed record RestorePart(RunState? State, long Incarnation);

    /// <summary>Part to learner: done; whatever it sent before this was for a former life.</summary>
    public sealed record PartRestored(long Incarnation);

    /// <summary>Supervisor to learner: a part threw and was made anew; the learner, too, has to begin another life.</summary>
    /// <param name="Part">Its name.</param>
    /// <param name="Reason">What it threw.</param>
    public sealed record PartFailed(string Part, string Reason);

    /// <summary>Supervisor to pool to workers: the learner begins another life and knows no worker; attach again.</summary>
    public sealed record LearnerRestarted(long Incarnation);
}
