using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Akka.Persistence.Snapshot;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>What a run's former owner, who still runs, does while another process takes the run over.</summary>
public enum FormerOwnersMove
{
    /// <summary>Nothing more.</summary>
    None,

    /// <summary>It stores snapshots, and deletes markers, between the newcomer's reading of the last number and of the markers: these are all gone.</summary>
    WritesWhileMarkersAreRead,

    /// <summary>It does so after the newcomer has read: the number that the newcomer writes is one that was deleted.</summary>
    WritesBeforeTheTakeOver,

    /// <summary>Its last snapshot is confirmed while the newcomer looks for it, and the one before it deleted.</summary>
    StoresDuringTheLook,
}

/// <summary>
/// A journal with the markers 1 to 3 of a former owner, and the snapshots that belong to the newest of them. When it moves it goes on to marker 6 and
/// keeps one snapshot. Numbers are unique, as in a database.
/// </summary>
internal static class FormerOwner
{
    public const string RunId = "run";

    /// <summary>The learner's incarnation in its markers.</summary>
    public const long Incarnation = 5;

    /// <summary>The configuration of an actor system with its journal and its snapshots.</summary>
    public static Config Config(FormerOwnersMove move) => ConfigurationFactory.ParseString(
        $$"""
        {{KitConfig.RunDispatchers}}
        akka.persistence {
          journal.plugin = former-owner-journal
          snapshot-store.plugin = former-owner-snapshots
        }
        former-owner-journal {
          class = "{{typeof(Journal).AssemblyQualifiedName}}"
          plugin-dispatcher = akka.actor.default-dispatcher
          replay-filter.mode = off
          move = {{move}}
        }
        former-owner-snapshots {
          class = "{{typeof(Store).AssemblyQualifiedName}}"
          plugin-dispatcher = akka.actor.default-dispatcher
          move = {{move}}
        }
        """);

    private static FormerOwnersMove MoveOf(Config config) => Enum.Parse<FormerOwnersMove>(config.GetString("move"));

    public sealed class Journal : AsyncWriteJournal
    {
        private readonly SortedDictionary<long, IPersistentRepresentation> markers = [];
        private FormerOwnersMove move;

        public Journal(Config config)
        {
            move = MoveOf(config);
            Write(1, 3);
        }

        public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
            Task.FromResult(markers.Keys.Last());

        public override Task ReplayMessagesAsync(
            Akka.Actor.IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
        {
            if (move == FormerOwnersMove.WritesWhileMarkersAreRead)
                GoOn();
            foreach (var (_, marker) in markers.Where(entry => entry.Key >= fromSequenceNr && entry.Key <= toSequenceNr))
                recoveryCallback(marker);
            if (move == FormerOwnersMove.WritesBeforeTheTakeOver)
                GoOn();
            return Task.CompletedTask;
        }

        protected override Task<IImmutableList<Exception?>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
        {
            foreach (var marker in messages.SelectMany(write => (IImmutableList<IPersistentRepresentation>)write.Payload))
                if (!markers.TryAdd(marker.SequenceNr, marker))
                    throw new Microsoft.Data.Sqlite.SqliteException("UNIQUE constraint failed", 19);
            return Task.FromResult<IImmutableList<Exception?>>(null!);
        }

        protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) => Task.CompletedTask;

        private void GoOn()
        {
            move = FormerOwnersMove.None;
            Write(4, 6);
            for (var number = 1; number <= 5; number++)
                markers.Remove(number);
        }

        private void Write(int first, int last)
        {
            for (var number = first; number <= last; number++)
                markers.Add(number, new Persistent(new SnapshotMarker("former owner", Incarnation, number * 100, number, PrecedesSnapshot: true), number, RunId));
        }
    }

    public sealed class Store(Config config) : SnapshotStore
    {
        private readonly FormerOwnersMove move = MoveOf(config);
        private int looks;

        protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
        {
            var number = criteria.MaxSequenceNr;
            var isThere = move switch
            {
                FormerOwnersMove.None => number == 3,
                FormerOwnersMove.StoresDuringTheLook => number == 3 && ++looks > 1,
                _ => number == 6,
            };
            return Task.FromResult(isThere ? new SelectedSnapshot(new SnapshotMetadata(persistenceId, number, DateTime.UnixEpoch), new SnapshotBytes(Content(number))) : null);
        }

        protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken) => Task.CompletedTask;

        protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) => Task.CompletedTask;

        protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) => Task.CompletedTask;

        private static byte[] Content(long number) => SnapshotFormat.Encode(
            new SnapshotInfo
            {
                Algorithm = "a3c",
                Environment = "CartPole-v1",
                Seed = 1,
                GlobalStep = number * 100,
                Updates = number,
                WallSeconds = number,
                Incarnation = Incarnation,
                CreatedAt = DateTimeOffset.UnixEpoch,
                IsExact = false,
                Rows = 0,
                Rollbacks = 0,
                Faults = new FaultCounts(),
            },
            new RunState());
    }
}
