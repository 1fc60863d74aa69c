using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Persistence;

/// <summary>When the next snapshot is due: whichever interval ends first.</summary>
/// <param name="settings">The intervals.</param>
public sealed class SnapshotSchedule(SnapshotSettings settings)
{
    private long dueStep = settings.IntervalSteps > 0 ? settings.IntervalSteps : long.MaxValue;
    private long dueUpdate = settings.IntervalUpdates > 0 ? settings.IntervalUpdates : long.MaxValue;
    private double dueSecond = settings.IntervalTime.TotalSeconds;

    /// <summary>Whether a snapshot is due. Cheap enough for every update.</summary>
    public bool IsDue(long step, long updates, double seconds) => step >= dueStep || updates >= dueUpdate || seconds >= dueSecond;

    /// <summary>A snapshot is taken now, or the run goes on from one.</summary>
    public void Restart(long step, long updates, double seconds)
    {
        dueStep = settings.IntervalSteps > 0 ? step + settings.IntervalSteps : long.MaxValue;
        dueUpdate = settings.IntervalUpdates > 0 ? updates + settings.IntervalUpdates : long.MaxValue;
        dueSecond = seconds + settings.IntervalTime.TotalSeconds;
    }
}
