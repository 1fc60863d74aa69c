using AkkaRL.Actors.Persistence.Wire;
using Npgsql;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>A marker in the database: who wrote, in which life of the learner, at which step, and whether a snapshot follows or a take-over was written.</summary>
internal sealed record JournalEntry(long Number, string Owner, long Incarnation, long GlobalStep, bool IsTakeOver);

/// <summary>What the database accepted of a run, read past AkkaRL: the markers, and the numbers of the snapshots.</summary>
internal sealed record Journal(IReadOnlyList<JournalEntry> Entries, IReadOnlyList<long> Snapshots)
{
    public static async Task<Journal> ReadAsync(string connection, string runId)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        var entries = new List<JournalEntry>();
        await using (var command = source.CreateCommand("SELECT sequence_number, message FROM journal WHERE persistence_id = $1 ORDER BY sequence_number"))
        {
            command.Parameters.AddWithValue(runId);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                var marker = Marker.Parser.ParseFrom(reader.GetFieldValue<byte[]>(1));
                entries.Add(new JournalEntry(reader.GetInt64(0), marker.Owner, marker.Incarnation, marker.GlobalStep, !marker.PrecedesSnapshot));
            }
        }
        var snapshots = new List<long>();
        await using (var command = source.CreateCommand("SELECT sequence_number FROM snapshot WHERE persistence_id = $1 ORDER BY sequence_number"))
        {
            command.Parameters.AddWithValue(runId);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                snapshots.Add(reader.GetInt64(0));
        }
        return new Journal(entries, snapshots);
    }
}
