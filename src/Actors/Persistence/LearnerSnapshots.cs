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

    /// <summary>Snapshots taken in this process; the database is open after the first.</summary>
    public int Taken { get; private set; }

    /// <summary>What the learner's next life goes on from; null for the start.</summary>
    public RunState? Restored { get; private set; }

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
        return state;
    }

    /// <summary>The snapshot is stored, or given up.</summary>
    /// <param name="reusable">A buffer for the next one.</param>
    public void Settle(RunState? reusable) => (buffer, isRunning) = (reusable ?? buffer, false);

    /// <summary>The learner's next life goes on from this state; from the start without one.</summary>
    public void Restore(RunState? state, long step, long updates, double seconds)
    {
        (Restored, isRunning) = (state, false);
        schedule.Restart(step, updates, seconds);
    }
}
