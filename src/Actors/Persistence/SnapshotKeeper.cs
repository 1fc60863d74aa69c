using Akka.Actor;
using Akka.Event;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Persistence;

/// <summary>Keeps a run's snapshots: one request at a time, through a journal that is opened for the first and made anew after a failure.</summary>
/// <remarks>
/// <para>Parent: the run supervisor. Supervises <see cref="SnapshotJournal"/>, which stops when the database fails.</para>
/// <para>In: <see cref="StoreSnapshot"/>, <see cref="TakeOver"/>. Out: <see cref="SnapshotStored"/>, <see cref="SnapshotNotStored"/>, <see cref="TakenOver"/>, <see cref="NotTakenOver"/>; each request is answered once.</para>
/// <para>Nothing of the database is loaded before the first request: a run that ends before its first snapshot is due pays nothing.</para>
/// </remarks>
internal sealed class SnapshotKeeper : ReceiveActor, IWithTimers
{
    /// <summary>How long a process tries to write before another that writes all the time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Between two tries to take a run over from a database that does not answer.</summary>
    private static readonly TimeSpan TakeOverPause = TimeSpan.FromSeconds(1);

    private readonly SnapshotStorage storage;
    private readonly int keep;
    private readonly TimeProvider time;
    private readonly string owner = Guid.NewGuid().ToString("N");
    private IActorRef? journal;
    private object? request;
    private string? failure;
    private long since;
    private bool tryAgain;

    /// <summary>From the journal: it could not be read or written, and is of no more use.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    internal sealed record JournalFailed(string Reason);

    /// <summary>From the journal: others have, or may have, written since it was read; the request is for one that has read what is there now.</summary>
    /// <param name="Reason">What to say when that has gone on for too long.</param>
    internal sealed record JournalOutdated(string Reason);

    private sealed record ReportsFlushed;

    private sealed record TryAgain;

    public SnapshotKeeper(SnapshotStorage storage, int keep, TimeProvider time)
    {
        (this.storage, this.keep, this.time) = (storage, keep, time);
        Receive<StoreSnapshot>(message =>
        {
            Take(message);
            var flush = storage.FlushReports;
            if (flush is null)
                Submit();
            else
                flush().PipeTo(Self, Self, () => new ReportsFlushed(), _ => new ReportsFlushed());
        });
        Receive<TakeOver>(message =>
        {
            Take(message);
            Submit();
        });
        Receive<ReportsFlushed>(_ => Submit());
        Receive<SnapshotStored>(stored => Answer(stored with { Seconds = time.GetElapsedTime(since).TotalSeconds }));
        Receive<SnapshotNotStored>(Answer);
        Receive<TakenOver>(Answer);
        Receive<NotTakenOver>(refusal =>
        {
            failure = refusal.Reason;
            Context.Stop(Sender);
        });
        Receive<TryAgain>(_ => Submit());
        Receive<JournalFailed>(message =>
        {
            failure = message.Reason;
            Context.Stop(Sender);
        });
        Receive<JournalOutdated>(message =>
        {
            // Reading anew tells who owns the run now. A take-over is tried until it comes first: the former owner still runs, and wrote just now.
            (failure, tryAgain) = (message.Reason, time.GetElapsedTime(since) < Patience);
            Context.Stop(Sender);
        });
        Receive<Terminated>(_ => LoseJournal());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => new StopAndReport((_, cause) =>
    {
        failure = StorageFault.Describe(cause, storage.Database);
        return false;
    });

    private void Take(object message) => (request, failure, since) = (message, null, time.GetTimestamp());

    private void Submit()
    {
        var (database, process, count) = (storage.Database, owner, keep);
        journal ??= Context.Watch(Context.ActorOf(
            Props.Create(() => new SnapshotJournal(database, process, count)).WithDispatcher(TrainingRun.PinnedDispatcher)));
        journal.Tell(request!);
    }

    private void Answer(object answer)
    {
        if (request is null)
            return;
        request = null;
        Context.Parent.Tell(answer);
    }

    private void LoseJournal()
    {
        journal = null;
        if (tryAgain)
        {
            tryAgain = false;
            Submit();
            return;
        }
        if (request is TakeOver && time.GetElapsedTime(since) < storage.TakeOverPatience)
        {
            Context.GetLogger().Warning("The run cannot be taken over yet, and is tried again. {0}", failure);
            Timers.StartSingleTimer(nameof(TryAgain), new TryAgain(), TakeOverPause);
            return;
        }
        var reason = failure ?? $"{storage.Database.Description} failed.";
        Answer(request is TakeOver ? new NotTakenOver(reason) : new SnapshotNotStored(reason, IsFenced: false));
    }
}
