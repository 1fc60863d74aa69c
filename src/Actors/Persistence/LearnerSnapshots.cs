using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Persistence;

/// <summary>What a learner needs to know about snapshots: when one is due, which buffer to capture into, what to go on from.</summary>
/// <remarks>Made by the training shape, used by its learner; by the supervisor only while the learner does not run.</remarks>
/// <param name="settings">The intervals.</param>
/// <param name="isExact">Whether the workers' states belong in a snapshot: the run is deterministic and its env captures its state.</param>
public sealed class LearnerSnapshots(SnapshotSettings settings, bool isExact)
{
    private readonly SnapshotSchedule schedule = new(settings);
    private RunState? buffer;
    private bool isRunning;

    /// <summary>Whether snapshots are taken at all.</summary>
    public bool IsOn { get; set; }

    /// <summary>Whether the workers' states belong in a snapshot.</summary>
    public bool IsExact => isExact;

    /// <summary>Where a replay too large for a snapshot goes; null when everything goes into the snapshot.</summary>
    internal SegmentFolder? Segments { get; set; }

    /// <summary>Snapshots taken in this process; the database is open after the first.</summary>
    public int Taken { get; private set; }

    /// <summary>What the learner's next life goes on from; null for the start.</summary>
    public RunState? Restored { get; private set; }

    /// <summary>Whether the next life follows another, of this process or of a former one.</summary>
    public bool FollowsAnother { get; private set; }

    /// <summary>Which life of the learner this is; what is still sent for a former one is refused.</summary>
    public long Incarnation { get; set; } = 1;

    /// <summary>Factor on the learning rate, below 1 after the divergence guard rolled the run back.</summary>
    public double LearningRateFactor { get; set; } = 1;

    /// <summary>Whether to take a snapshot now: one is due, and none is on its way.</summary>
    public bool IsDue(long step, long updates, double seconds) => IsOn && !isRunning && schedule.IsDue(step, updates, seconds);

    /// <summary>An empty state to capture into.</summary>
    public RunState Begin(long step, long updates, double seconds)
    {
        var state = buffer ?? new RunState();
        (buffer, isRunning) = (null, true);
        Taken++;
        schedule.Restart(step, updates, seconds);
        state.Clear();
        (state.Segments, state.RingLimit, state.Incarnation) = (Segments, settings.ReplayLimit * 1_000_000L, Incarnation);
        return state;
    }

    /// <summary>The snapshot is stored, or given up.</summary>
    /// <param name="reusable">A buffer for the next one. Not the state that this life began with: the worker pool goes on reading that.</param>
    public void Settle(RunState? reusable) => (buffer, isRunning) = (reusable is null || ReferenceEquals(reusable, Restored) ? buffer : reusable, false);

    /// <summary>The learner's next life goes on from this state; from the start without one.</summary>
    public void Restore(RunState? state, long step, long updates, double seconds)
    {
        (Restored, isRunning, FollowsAnother) = (state, false, true);
        schedule.Restart(step, updates, seconds);
    }

    /// <summary>The first life of a worker in the learner's next life: the captured one where that goes on, else one that nobody has lived.</summary>
    public int FirstLife(int worker) => Restored switch
    {
        null => 0,
        { } state when isExact && WorkerStates.State(state, worker) is not null => WorkerStates.Life(state, worker),
        { } state => WorkerStates.FreshLife(state),
    };

    /// <summary>What a life of a worker goes on from; null when it begins fresh episodes.</summary>
    public ReadOnlyMemory<byte>? StateOf(int worker, int life)
    {
        if (isExact && Restored is { } state && WorkerStates.State(state, worker) is { } captured && WorkerStates.Life(state, worker) == life)
            return captured;
        return null;
    }
}
