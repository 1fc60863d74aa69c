using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Persistence;

/// <summary>
/// What a run's supervisor remembers of its snapshots: one is stored at a time; the newest stays in memory, for a learner that throws;
/// the buffer of the one before is used again.
/// </summary>
/// <param name="store">Sends one to be stored.</param>
/// <param name="settled">All are stored or given up; a buffer is free, if there is one.</param>
internal sealed class SnapshotQueue(Action<StoreSnapshot> store, Action<RunState?> settled)
{
    private RunState? reusable;
    private StoreSnapshot? next;
    private Action? whenIdle;

    /// <summary>What is on its way to the database; null when nothing is.</summary>
    public StoreSnapshot? Storing { get; private set; }

    /// <summary>The state that the learner captured last, or that the run went on from.</summary>
    public RunState? Newest { get; set; }

    /// <summary>Snapshots stored.</summary>
    public int Saved { get; private set; }

    /// <summary>Global step of the latest of them.</summary>
    public long? SafeStep { get; private set; }

    /// <summary>Takes one; it is stored now, or when the one before it is.</summary>
    public void Add(StoreSnapshot request)
    {
        (reusable, Newest) = (Newest, request.State);
        if (Storing is not null)
            next = request;
        else
            Store(request);
    }

    /// <summary>The database has answered.</summary>
    /// <param name="stored">What is stored; null when it could not be.</param>
    public void Settle(SnapshotStored? stored)
    {
        if (stored is not null)
            (Saved, SafeStep) = (Saved + 1, stored.Info.GlobalStep);
        Storing = null;
        if (next is { } request)
        {
            next = null;
            Store(request);
            return;
        }
        settled(reusable);
        reusable = null;
        whenIdle?.Invoke();
    }

    /// <summary>Calls this when nothing is on its way to the database, which may be now.</summary>
    public void WhenIdle(Action action)
    {
        if (Storing is not null)
            whenIdle = action;
        else
            action();
    }

    private void Store(StoreSnapshot request)
    {
        Storing = request;
        store(request);
    }
}
