using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using Akka.Persistence.Snapshot;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>What the second write to a store that is at fault does; all others are as they should be.</summary>
public enum StoreFault
{
    /// <summary>It never ends.</summary>
    Hang,

    /// <summary>It throws.</summary>
    Fail,

    /// <summary>The journal refuses the event. A snapshot store knows no such thing.</summary>
    Reject,

    /// <summary>It is confirmed, but a bit of it is another. Only the snapshot store.</summary>
    Corrupt,
}

/// <summary>A journal and a snapshot store in memory, of which one is at fault.</summary>
internal static class FaultyStores
{
    /// <summary>The configuration of an actor system with both.</summary>
    public static Config Config(bool isJournal, StoreFault fault) => ConfigurationFactory.ParseString(
        $$"""
        {{KitConfig.RunDispatchers}}
        akka.persistence {
          journal.plugin = faulty-journal
          snapshot-store.plugin = faulty-snapshots
        }
        faulty-journal {
          class = "{{typeof(FaultyJournal).AssemblyQualifiedName}}"
          plugin-dispatcher = akka.actor.default-dispatcher
          fault = {{(isJournal ? fault : "none")}}
          circuit-breaker { max-failures = 1000000, call-timeout = 8s, reset-timeout = 1s }
          replay-filter.mode = off
          recovery-event-timeout = 30s
        }
        faulty-snapshots {
          class = "{{typeof(FaultySnapshots).AssemblyQualifiedName}}"
          plugin-dispatcher = akka.actor.default-dispatcher
          fault = {{(isJournal ? "none" : fault)}}
          circuit-breaker { max-failures = 1000000, call-timeout = 8s, reset-timeout = 1s }
        }
        """);

    /// <summary>Whether a store is at fault now.</summary>
    private static StoreFault? Next(Config config, ref int writes) =>
        ++writes == 2 && Enum.TryParse<StoreFault>(config.GetString("fault"), ignoreCase: true, out var fault) ? fault : null;

    private static Task Forever(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    public sealed class FaultyJournal(Config config) : MemoryJournal
    {
        private int writes;

        protected override async Task<System.Collections.Immutable.IImmutableList<Exception?>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
        {
            var fault = Next(config, ref writes);
            if (fault == StoreFault.Hang)
                await Forever(cancellationToken);
            if (fault == StoreFault.Fail)
                throw new IOException("the journal broke");
            if (fault == StoreFault.Reject)
                return [new IOException("the journal will not have it")];
            return await base.WriteMessagesAsync(messages, cancellationToken);
        }
    }

    public sealed class FaultySnapshots(Config config) : MemorySnapshotStore
    {
        private int writes;

        protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
        {
            var fault = Next(config, ref writes);
            if (fault == StoreFault.Hang)
                await Forever(cancellationToken);
            if (fault == StoreFault.Fail)
                throw new IOException("the store broke");
            if (fault == StoreFault.Corrupt)
                ((byte[])snapshot.GetType().GetProperty("Content")!.GetValue(snapshot)!)[100] ^= 1;
            await base.SaveAsync(metadata, snapshot, cancellationToken);
        }
    }
}
