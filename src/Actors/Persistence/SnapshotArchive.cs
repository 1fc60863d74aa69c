using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AkkaRL.Actors.Persistence;

/// <summary>A snapshot in the database, verified.</summary>
/// <param name="SequenceNumber">Its number; of the marker before it, too.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Info">Its label; null when it is invalid.</param>
/// <param name="Invalid">Why it would be refused; null when it is valid.</param>
public sealed record ArchivedSnapshot(long SequenceNumber, long Bytes, SnapshotInfo? Info, string? Invalid);

/// <summary>Reads a run's snapshots without taking part in the run: straight from Akka.Persistence.Sql's table, read-only.</summary>
public static class SnapshotArchive
{
    /// <summary>Every snapshot of the run, the oldest first; none when there is no database yet.</summary>
    /// <exception cref="SnapshotStorageException">The database cannot be read.</exception>
    public static IReadOnlyList<ArchivedSnapshot> Read(SnapshotDatabase database)
    {
        try
        {
            using var connection = Connect(database);
            if (connection is null)
                return [];
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT sequence_number, snapshot FROM snapshot WHERE persistence_id = @id ORDER BY sequence_number";
            var id = command.CreateParameter();
            (id.ParameterName, id.Value) = ("@id", database.RunId);
            command.Parameters.Add(id);
            using var reader = command.ExecuteReader();
            var snapshots = new List<ArchivedSnapshot>();
            while (reader.Read())
                snapshots.Add(Verify(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), database.Segments));
            return snapshots;
        }
        catch (Exception error) when (IsMissingTable(error))
        {
            return [];
        }
        catch (DbException error)
        {
            throw new SnapshotStorageException($"The snapshots cannot be read. {StorageFault.Describe(error, database)}");
        }
    }

    private static ArchivedSnapshot Verify(long sequenceNumber, byte[] content, SegmentFolder? segments)
    {
        try
        {
            var (info, state) = SnapshotFormat.Decode(content, segments);
            state.VerifySegments();
            return new ArchivedSnapshot(sequenceNumber, content.Length, info, null);
        }
        catch (InvalidSnapshotException invalid)
        {
            return new ArchivedSnapshot(sequenceNumber, content.Length, null, invalid.Message);
        }
    }

    private static DbConnection? Connect(SnapshotDatabase database)
    {
        if (!database.IsSqlite)
            return new NpgsqlConnection(database.SnapshotConnection);
        var settings = new SqliteConnectionStringBuilder(database.SnapshotConnection) { Mode = SqliteOpenMode.ReadOnly };
        return File.Exists(settings.DataSource) ? new SqliteConnection(settings.ToString()) : null;
    }

    private static bool IsMissingTable(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable }
        || error is SqliteException { SqliteErrorCode: 1 } sqlite && sqlite.Message.Contains("no such table", StringComparison.Ordinal);
}
