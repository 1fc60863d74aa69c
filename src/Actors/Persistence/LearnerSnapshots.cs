using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Persistence;

/// <summary>What a learner needs to know about snapshots: when one is due, which buffer to capture into, what to go on from.</summary>
/// <remarks>Made by the training shape, used by its learner; by the supervisor only while the learner does not run.</remarks>
/// <param name="settings">The intervals.</param>
/// <param name="isExact">Whether the workers' states belong in a snapshot: the run is deterministic and its env captures its state.</param>
/// <param name="size">About how many floats a snapshot of the run holds, rather more than fewer.</param>
public sealed class LearnerSnapshots(SnapshotSettings settings, bool isExact, long size = 0)
{
    /// <summary>Floats of a state, 1 MB, below which a buffer is made in no time.</summary>
    private const int SmallSize = 1 << 18;

    private readonly SnapshotSchedule schedule = new(settings);
    private RunState? buffer;
    private RunState? spare;
    private RunState? taken;
    private bool isSpareOrdered;
    private bool isRunning;
    private long largest = size;

    /// <summary>Floats that a buffer is made for.</summary>
    internal long Size => largest;

    /// <summary>Whether a buffer that was ordered is there.</summary>
    internal bool HasSpare => Volatile.Read(ref spare) is not null;

    /// <summary>Whether one was ordered that is not in use yet.</summary>
    internal bool IsSpareOrdered => isSpareOrdered;

    /// <summary>Whether snapshots are taken at all.</summary>
    public bool IsOn { get; set; }

    /// <summary>Whether the workers' states belong in a snapshot.</summary>
    public bool IsExact => isExact;

    /// <summary>Where a replay too large for a snapshot goes; null when everything goes into the snapshot.</summary>
    internal SegmentFolder? Segments { get; set; }

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
        var state = buffer ?? TakeSpare() ?? new RunState();
        (buffer, taken, isRunning) = (null, state, true);
        schedule.Restart(step, updates, seconds);
        state.Clear();
        (state.Segments, state.RingLimit, state.Incarnation) = (Segments, settings.ReplayLimit * 1_000_000L, Incarnation);
        return state;
    }

    /// <summary>The snapshot is stored, or given up.</summary>
    /// <param name="reusable">A buffer for the next one. Not the state that this life began with: the worker pool goes on reading that.</param>
    public void Settle(RunState? reusable)
    {
        (buffer, isRunning) = (reusable is null || ReferenceEquals(reusable, Restored) ? buffer : reusable, false);
        largest = Math.Max(largest, taken?.Size ?? 0);
        Prepare();
    }

    /// <summary>The learner's next life goes on from this state; from the start without one.</summary>
    public void Restore(RunState? state, long step, long updates, double seconds)
    {
        (Restored, isRunning, FollowsAnother) = (state, false, true);
        schedule.Restart(step, updates, seconds);
        largest = Math.Max(largest, state?.Size ?? 0);
        Prepare();
    }

    /// <summary>
    /// Has a buffer for the next capture made on another thread, where there is none and it would take a while: the system hands out memory
    /// page by page, when it is first written to, which takes longer than to copy a state into memory that is there.
    /// </summary>
    public void Prepare()
    {
        if (!IsOn || isSpareOrdered || buffer is not null || largest < SmallSize)
            return;
        isSpareOrdered = true;
        var count = (int)Math.Min(largest, Array.MaxLength);
        Task.Run(() =>
        {
            var state = new RunState();
            state.Reserve(count);
            Volatile.Write(ref spare, state);
        });
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

    /// <summary>The buffer that was ordered, if it is made by now.</summary>
    private RunState? TakeSpare()
    {
        if (Interlocked.Exchange(ref spare, null) is not { } state)
            return null;
        isSpareOrdered = false;
        return state;
    }
}
