using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Sql;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AkkaRL.Actors.Persistence;

/// <summary>Where a run's snapshots are: two SQLite files in its folder, or a PostgreSQL server.</summary>
/// <remarks>Journal and snapshots are two files, for a big snapshot would make the next marker wait.</remarks>
public sealed class SnapshotDatabase
{
    /// <summary>How long one command waits for a lock or an answer.</summary>
    private const int CommandTimeoutSeconds = 5;

    /// <summary>How long the plugins wait for what hangs. Far above a command's timeout, for a plugin's first use loads and compiles for seconds, on a busy machine many.</summary>
    private const int PluginTimeoutSeconds = 60;

    private static readonly Lock Preparation = new();

    private readonly string provider;

    private SnapshotDatabase(string provider, string journal, string snapshots, string runId, string description, string? folder)
    {
        (this.provider, JournalConnection, SnapshotConnection, RunId, Description) = (provider, journal, snapshots, runId, description);
        Segments = folder is null ? null : new SegmentFolder(Path.Combine(folder, ReplayFolder));
    }

    /// <summary>The folder, in a run's, of the segment files of a replay too large for a snapshot.</summary>
    public const string ReplayFolder = "replay";

    /// <summary>The journal's file in a run's folder.</summary>
    public const string SqliteJournal = "journal.db";

    /// <summary>The snapshots' file in a run's folder.</summary>
    public const string SqliteSnapshots = "snapshots.db";

    /// <summary>Which run of the database.</summary>
    public string RunId { get; }

    /// <summary>What messages call it.</summary>
    public string Description { get; }

    internal string JournalConnection { get; }

    internal string SnapshotConnection { get; }

    internal SegmentFolder? Segments { get; }

    internal bool IsSqlite => provider == "SQLite.MS";

    /// <summary>SQLite in a run's folder.</summary>
    public static SnapshotDatabase Sqlite(string folder, string runId)
    {
        return new("SQLite.MS", Connection(SqliteJournal), Connection(SqliteSnapshots), runId, Path.Combine(folder, SqliteSnapshots), folder);

        // Not pooled: no file stays open when its actor has stopped.
        string Connection(string file) =>
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, file), DefaultTimeout = CommandTimeoutSeconds, Pooling = false }.ToString();
    }

    /// <summary>PostgreSQL by a connection string.</summary>
    /// <param name="connectionString">Where the server is.</param>
    /// <param name="runId">Which run of the database.</param>
    /// <param name="folder">The run's folder, for a replay too large for a snapshot; without one everything goes into the database.</param>
    /// <exception cref="ArgumentException">It is not one.</exception>
    public static SnapshotDatabase PostgreSql(string connectionString, string runId, string? folder = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        if (string.IsNullOrEmpty(connection.Host))
            throw new ArgumentException("It names no Host.", nameof(connectionString));
        connection.Timeout = connection.CommandTimeout = CommandTimeoutSeconds;
        return new("PostgreSQL.15", connection.ToString(), connection.ToString(), runId, $"PostgreSQL at {connection.Host}:{connection.Port}/{connection.Database}", folder);
    }

    /// <summary>
    /// Makes the plugins find what they need: the SQLite files in write-ahead mode, a property of the file, or a server that answers, and their
    /// defaults. A plugin that finds no database tries again and again, and says nothing of it.
    /// </summary>
    /// <remarks>Called before the first persistent actor's base constructor. Loads the plugins' assemblies, which takes a while.</remarks>
    /// <returns><see cref="RunId"/>.</returns>
    internal string Prepare(ActorSystem system)
    {
        // The setting of a connection string must be there before any plugin is; the first of a process's systems pays for the rest.
        lock (Preparation)
        {
            if (IsSqlite)
            {
                SwitchToWriteAheadLog(JournalConnection);
                SwitchToWriteAheadLog(SnapshotConnection);
            }
            else
            {
                using var connection = new NpgsqlConnection(JournalConnection);
                connection.Open();
            }
            system.Settings.InjectTopLevelFallback(SqlPersistence.DefaultConfiguration);
        }
        return RunId;
    }

    /// <summary>What an actor system must be made with; the plugins' own defaults are added by <see cref="Prepare"/>, for loading them takes a while.</summary>
    internal Config ActorSystemConfig => ConfigurationFactory.ParseString(
        $$"""
        akka.persistence {
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              connection-string = "{{Escape(JournalConnection)}}"
              provider-name = "{{provider}}"
              circuit-breaker { max-failures = 1000000, call-timeout = {{PluginTimeoutSeconds}}s }
              recovery-event-timeout = {{PluginTimeoutSeconds}}s
              # Whose a marker is it says itself; those of a former owner are part of the run's history.
              replay-filter.mode = off
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.sql"
            sql {
              connection-string = "{{Escape(SnapshotConnection)}}"
              provider-name = "{{provider}}"
              circuit-breaker { max-failures = 1000000, call-timeout = {{PluginTimeoutSeconds}}s }
            }
          }
        }
        """);

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static void SwitchToWriteAheadLog(string connectionString)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
    }
}
