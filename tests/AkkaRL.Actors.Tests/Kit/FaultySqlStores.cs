using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Snapshot;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>Akka.Persistence.Sql's journal and snapshot store, on a real database, whose next write a test makes fail.</summary>
internal sealed class FaultySqlStores : IDisposable
{
    /// <summary>The plugins are made by name: this is where they find their test.</summary>
    private static readonly ConcurrentDictionary<string, FaultySqlStores> All = new();

    private const int None = -1;

    private readonly string id = Guid.NewGuid().ToString("N");
    private readonly TimeSpan timeout;
    private int journal = None, snapshots = None;

    /// <param name="timeout">How long a write that hangs is waited for.</param>
    public FaultySqlStores(TimeSpan timeout)
    {
        this.timeout = timeout;
        All[id] = this;
    }

    /// <summary>Goes over the configuration of a run's actor system.</summary>
    public Config Config => ConfigurationFactory.ParseString(
        $$"""
        akka.persistence.journal.sql {
          class = "{{typeof(Journal).AssemblyQualifiedName}}"
          faulty-stores = "{{id}}"
          circuit-breaker.call-timeout = {{timeout.TotalSeconds}}s
        }
        akka.persistence.snapshot-store.sql {
          class = "{{typeof(Snapshots).AssemblyQualifiedName}}"
          faulty-stores = "{{id}}"
          circuit-breaker.call-timeout = {{timeout.TotalSeconds}}s
        }
        """);

    /// <summary>The next write of the journal does this.</summary>
    public void BreakJournal(StoreFault fault) => Interlocked.Exchange(ref journal, (int)fault);

    /// <summary>The next write of the snapshot store does this.</summary>
    public void BreakSnapshots(StoreFault fault) => Interlocked.Exchange(ref snapshots, (int)fault);

    public void Dispose() => All.TryRemove(id, out _);

    private static FaultySqlStores Of(Config config) => All[config.GetString("faulty-stores")];

    private static StoreFault? Take(ref int next) => Interlocked.Exchange(ref next, None) is var fault and not None ? (StoreFault)fault : null;

    private static async Task CommitAsync(StoreFault? fault, CancellationToken cancellation)
    {
        if (fault == StoreFault.Hang)
            await Task.Delay(Timeout.Infinite, cancellation);
        if (fault == StoreFault.Fail)
            throw new IOException("the store broke");
    }

    public sealed class Journal(Config config) : SqlWriteJournal(config)
    {
        private readonly FaultySqlStores stores = Of(config);

        protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
        {
            var fault = Take(ref stores.journal);
            await CommitAsync(fault, cancellationToken);
            return fault == StoreFault.Reject
                ? ImmutableList.Create<Exception>(new IOException("the journal will not have it"))
                : await base.WriteMessagesAsync(messages, cancellationToken);
        }
    }

    public sealed class Snapshots(Config config) : SqlSnapshotStore(config)
    {
        private readonly FaultySqlStores stores = Of(config);

        protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
        {
            await CommitAsync(Take(ref stores.snapshots), cancellationToken);
            await base.SaveAsync(metadata, snapshot, cancellationToken);
        }
    }
}
