using Akka.Actor;
using Akka.Persistence;
using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Persistence;

/// <summary>
/// The persistent actor under a run: before each snapshot it persists a marker, so that sequence numbers advance, several snapshots can
/// be kept, and the journal's unique key fences whoever else writes.
/// </summary>
/// <remarks>
/// <para>Parent: <see cref="SnapshotKeeper"/>, which makes it anew when the journal has failed, for Akka.Persistence stops it then.</para>
/// <para>In: <see cref="StoreSnapshot"/>, <see cref="TakeOver"/>, one at a time. Out: <see cref="SnapshotStored"/>, <see cref="SnapshotNotStored"/>, <see cref="TakenOver"/>, <see cref="NotTakenOver"/>, <see cref="SnapshotKeeper.JournalFailed"/>.</para>
/// <para>Recovery replays the markers only: they say which snapshots there should be, and each is then loaded by itself, the newest first,
/// so that one that cannot be read does not hide the one before it. Runs on a thread of its own, for starting the plugins takes a second or more.</para>
/// <para>The former owner may be running when the run is taken over, and writes and deletes while this one reads: what it reads may be full of holes, and the number
/// that it writes may be one of those. So a take-over is a marker that is still the last of all when the journal is read anew, which is done by the next journal.</para>
/// <para>A process that was paused while another took the run over writes, when it wakes up, the number of the take-over's marker. Hence no marker is deleted from
/// the first take-over on: were that number free again, the sleeper would not be fenced.</para>
/// </remarks>
/// <param name="database">Where.</param>
/// <param name="owner">This process, as no other calls itself.</param>
/// <param name="keep">Snapshots kept.</param>
internal sealed class SnapshotJournal(SnapshotDatabase database, string owner, int keep) : UntypedPersistentActor
{
    // A field initializer runs before the base constructor, which looks for the plugins.
    private readonly string runId = database.Prepare(Context.System);
    private readonly List<(long SequenceNr, SnapshotMarker Marker)> markers = [];
    private readonly List<long> confirmed = [];
    private readonly List<string> refused = [];
    private string? unreadable;
    private readonly Dictionary<long, HashSet<string>> segments = [];
    private Stack<long> candidates = [];
    private StoreSnapshot? storing;
    private byte[] content = [];
    private bool isTakenOver;
    private bool isReadAnew;
    private bool hasLookedTwice;
    private long firstTakeOver = long.MaxValue;

    public override string PersistenceId => runId;

    public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

    protected override void OnRecover(object message)
    {
        if (message is SnapshotMarker marker)
            Remember(marker);
        else if (message is RecoveryCompleted && LastSequenceNr != markers.Select(entry => entry.SequenceNr).LastOrDefault())
            ReadAnew("the last of its markers was deleted while they were read");
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case not null when isReadAnew:
                break; // by the next journal
            case StoreSnapshot request:
                Store(request);
                break;
            case SaveSnapshotSuccess success:
                Confirm(success.Metadata.SequenceNr);
                break;
            case SaveSnapshotFailure failure:
                Refuse(StorageFault.Describe(failure.Cause, database));
                break;
            case TakeOver:
                Own();
                break;
            case LoadSnapshotResult result:
                Examine(result.Snapshot);
                break;
            case LoadSnapshotFailed failure:
                Miss(failure.Cause);
                break;
            case DeleteSnapshotsFailure or DeleteMessagesFailure:
                // What should be gone is still there; the next deletion takes it along.
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        if (StorageFault.IsDuplicate(cause))
            ReadAnew("the number of its next marker was taken");
        else
            Context.Parent.Tell(new SnapshotKeeper.JournalFailed(StorageFault.Describe(cause, database)));
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => OnPersistFailure(cause, @event, sequenceNr);

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Context.Parent.Tell(new SnapshotKeeper.JournalFailed(StorageFault.Describe(reason, database)));

    /// <summary>Another process has written since this journal was read; the next one reads what is there now.</summary>
    private void ReadAnew(string observation)
    {
        isReadAnew = true;
        Context.Parent.Tell(new SnapshotKeeper.JournalOutdated($"Another process writes to this run in {database.Description} all the time: {observation}. Stop it first."));
    }

    /// <summary>The run is this process's from now on: whoever wrote it before is refused at its next marker.</summary>
    private void Own()
    {
        if (markers.LastOrDefault().Marker is { PrecedesSnapshot: false } last && last.Owner == owner)
        {
            isTakenOver = true;
            LookAtAll();
            return;
        }
        var incarnation = markers.Select(entry => entry.Marker.Incarnation).DefaultIfEmpty(0).Max() + 1;
        Persist(new SnapshotMarker(owner, incarnation, 0, 0, PrecedesSnapshot: false), _ => ReadAnew("a take-over was written, but others have written after it"));
    }

    private void LookAtAll()
    {
        candidates = new Stack<long>(markers.Where(entry => entry.Marker.PrecedesSnapshot).Select(entry => entry.SequenceNr));
        LoadNewest();
    }

    private void LoadNewest()
    {
        if (candidates.TryPeek(out var sequenceNr))
            LoadSnapshot(PersistenceId, new SnapshotSelectionCriteria(sequenceNr, DateTime.MaxValue, sequenceNr), sequenceNr);
        else if (!hasLookedTwice)
        {
            // The former owner may have been storing its last one: not there yet when that was looked at, while the one before it was gone already when its turn came.
            hasLookedTwice = true;
            refused.Clear();
            unreadable = null;
            LookAtAll();
        }
        else if (unreadable is not null)
            Context.Parent.Tell(new NotTakenOver(unreadable));
        else
            Context.Parent.Tell(new TakenOver(markers[^1].Marker.Incarnation, null, null, [.. refused]));
    }

    /// <summary>
    /// A snapshot that is damaged where it lies gives way to the one before it. One that cannot be read for now, or none that can, ends the take-over:
    /// begun anew, the run would overwrite them.
    /// </summary>
    private void Miss(Exception cause)
    {
        unreadable = StorageFault.Describe(cause, database);
        if (StorageFault.IsDamage(cause))
        {
            refused.Add($"Snapshot {candidates.Pop()} cannot be read. {unreadable}");
            LoadNewest();
        }
        else
            Context.Parent.Tell(new NotTakenOver(unreadable));
    }

    private void Examine(SelectedSnapshot? snapshot)
    {
        var sequenceNr = candidates.Pop();
        // No snapshot after its marker: the process was killed between the two, or it was deleted in its turn.
        if (snapshot is not null)
            try
            {
                var (info, state) = SnapshotFormat.Decode(((SnapshotBytes)snapshot.Snapshot).Content, database.Segments);
                state.VerifySegments();
                confirmed.Add(sequenceNr);
                segments[sequenceNr] = NamesOfSegments(state);
                Context.Parent.Tell(new TakenOver(markers[^1].Marker.Incarnation, info, state, [.. refused]));
                return;
            }
            catch (InvalidSnapshotException invalid)
            {
                refused.Add($"Snapshot {sequenceNr} is refused: {invalid.Message}");
            }
        LoadNewest();
    }

    private void Store(StoreSnapshot request)
    {
        storing = request;
        if (!isTakenOver && markers.Count > 0 && markers[^1].Marker.Owner != owner)
        {
            Refuse($"Another process owns this run in {database.Description}: it has taken the run over, or began it. This one must not go on.", isFenced: true);
            return;
        }
        try
        {
            foreach (var vector in request.State.SegmentedVectors)
                vector.Write(database.Segments!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Refuse(StorageFault.Describe(error, database));
            return;
        }
        content = SnapshotFormat.Encode(request.Info, request.State);
        var info = request.Info;
        Persist(new SnapshotMarker(owner, info.Incarnation, info.GlobalStep, info.Updates, PrecedesSnapshot: true), marker =>
        {
            Remember(marker);
            SaveSnapshot(new SnapshotBytes(content));
        });
    }

    private void Confirm(long sequenceNr)
    {
        confirmed.Add(sequenceNr);
        if (storing is not null)
            segments[sequenceNr] = NamesOfSegments(storing.State);
        if (confirmed.Count > keep)
        {
            confirmed.RemoveRange(0, confirmed.Count - keep);
            DeleteSnapshots(new SnapshotSelectionCriteria(confirmed[0] - 1));
            DeleteMessages(Math.Min(confirmed[0], firstTakeOver) - 1);
            markers.RemoveAll(entry => entry.SequenceNr < confirmed[0]);
            foreach (var gone in segments.Keys.Where(key => key < confirmed[0]).ToArray())
                segments.Remove(gone);
        }
        database.Segments?.Retain(confirmed.SelectMany(kept => segments.GetValueOrDefault(kept) ?? []).ToHashSet(StringComparer.Ordinal));
        if (storing is { } request)
            Context.Parent.Tell(new SnapshotStored(request.Info, content.Length, 0));
        (storing, content) = (null, []);
    }

    private static HashSet<string> NamesOfSegments(RunState state) => [.. state.SegmentedVectors.SelectMany(vector => vector.Segments).Select(segment => segment.Name)];

    private void Refuse(string reason, bool isFenced = false)
    {
        (storing, content) = (null, []);
        Context.Parent.Tell(new SnapshotNotStored(reason, isFenced));
    }

    private void Remember(SnapshotMarker marker)
    {
        markers.Add((LastSequenceNr, marker));
        if (!marker.PrecedesSnapshot)
            firstTakeOver = Math.Min(firstTakeOver, LastSequenceNr);
    }
}
