using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using Microsoft.Data.Sqlite;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>Real SQLite files that are damaged, locked or not there: the newest valid snapshot is used, and a run goes on or stops as it is set.</summary>
public class StorageFaultTests
{
    private const string Newest = "WHERE sequence_number = (SELECT MAX(sequence_number) FROM snapshot)";

    [Theory]
    [InlineData("UPDATE snapshot SET snapshot = substr(snapshot, 1, length(snapshot) - 7) " + Newest, "cut off")]
    [InlineData("UPDATE snapshot SET snapshot = CAST(substr(snapshot, 1, 500) || X'00112233' || substr(snapshot, 505) AS BLOB) " + Newest, "")]
    [InlineData("UPDATE snapshot SET snapshot = CAST(substr(snapshot, 1, 8) || X'02' || substr(snapshot, 10) AS BLOB) " + Newest, "format 2")]
    [InlineData("UPDATE snapshot SET snapshot = X'00' " + Newest, "not a snapshot")]
    public async Task A_damaged_snapshot_is_refused_by_name_and_the_one_before_it_used(string damage, string reason)
    {
        using var run = new KeptRun();
        var whole = await run.StartAsync();
        run.Change(damage);
        var snapshots = SnapshotArchive.Read(run.Database);
        Assert.Contains(reason, snapshots[^1].Invalid, StringComparison.Ordinal);

        var resumed = await run.StartAsync(resume: true);

        Assert.Equal((whole.ParametersSha256, snapshots[0].Info!.GlobalStep), (resumed.ParametersSha256, resumed.Snapshots.ResumedAtStep));
        Assert.Equal(1, resumed.Faults.StorageFaults);
        Assert.Contains(reason, run.Events.OfType<RunResumed>().Single().Refused.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_no_valid_snapshot_the_run_begins_anew()
    {
        using var run = new KeptRun();
        var whole = await run.StartAsync();
        run.Change("UPDATE snapshot SET snapshot = X'00'");
        var resumed = await run.StartAsync(resume: true);
        Assert.Equal((whole.ParametersSha256, 0, 2), (resumed.ParametersSha256, resumed.Snapshots.ResumedAtStep, resumed.Faults.StorageFaults));
    }

    [Fact]
    public async Task Snapshots_that_cannot_be_read_for_now_do_not_make_the_run_begin_anew()
    {
        using var run = new KeptRun();
        var whole = await run.StartAsync();
        Rename("snapshot", "hidden");
        var error = await Assert.ThrowsAsync<SnapshotStorageException>(() => run.StartAsync(resume: true));
        Assert.StartsWith("The run cannot be resumed: its snapshots cannot be read.", error.Message, StringComparison.Ordinal);
        Rename("hidden", "snapshot");
        Assert.Equal(whole.EnvironmentSteps, (await run.StartAsync(resume: true)).Snapshots.ResumedAtStep);

        void Rename(string column, string name)
        {
            using var connection = run.Open(SnapshotDatabase.SqliteSnapshots);
            using var command = connection.CreateCommand();
            command.CommandText = $"ALTER TABLE snapshot RENAME COLUMN {column} TO {name}";
            command.ExecuteNonQuery();
        }
    }

    [Theory]
    [InlineData(StorageRemedy.Continue, StopReasons.Completed)]
    [InlineData(StorageRemedy.Stop, StopReasons.Failed)]
    public async Task A_database_that_cannot_be_opened_is_reported_and_the_run_goes_on_or_stops_as_set(StorageRemedy remedy, string reason)
    {
        using var run = new KeptRun();
        Directory.CreateDirectory(run.PathOf(SnapshotDatabase.SqliteSnapshots));
        var summary = await run.StartAsync(KeptRun.Settings with { TotalSteps = remedy == StorageRemedy.Stop ? long.MaxValue : 20_000, StopWhenSolved = false, Snapshots = KeptRun.Settings.Snapshots with { OnFailure = remedy } });
        Assert.Equal((reason, 0), (summary.StopReason, summary.Snapshots.Saved));
        Assert.True(summary.Faults.StorageFaults > 0);
        Assert.Contains(run.Events.OfType<FaultReported>(), fault => fault.Kind == FaultKind.Storage && fault.Message.Contains("permission", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SnapshotDatabase.SqliteJournal, 100)]
    [InlineData(SnapshotDatabase.SqliteSnapshots, 100)]
    [InlineData(SnapshotDatabase.SqliteSnapshots, 4096)]
    public async Task Malformed_pages_are_named_and_a_resume_says_what_to_do(string file, int from)
    {
        using var run = new KeptRun();
        await run.StartAsync();
        Damage(run.PathOf(file), from);
        var error = await Assert.ThrowsAsync<SnapshotStorageException>(() => run.StartAsync(resume: true));
        Assert.Contains("restore journal.db and snapshots.db from a copy, or remove both", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_another_process_holds_locked_costs_its_snapshots_and_nothing_else()
    {
        using var run = new KeptRun();
        await run.StartAsync();
        using var other = run.Open(SnapshotDatabase.SqliteJournal);
        using (var command = other.CreateCommand())
        {
            command.CommandText = "BEGIN EXCLUSIVE";
            command.ExecuteNonQuery();
        }
        var error = await Assert.ThrowsAsync<SnapshotStorageException>(() => run.StartAsync(resume: true));
        Assert.Contains("Another process holds the database locked", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_marker_is_named_and_a_resume_says_what_to_do()
    {
        using var run = new KeptRun();
        await run.StartAsync();
        run.Change("UPDATE journal SET message = X'FF'", SnapshotDatabase.SqliteJournal);
        var error = await Assert.ThrowsAsync<SnapshotStorageException>(() => run.StartAsync(resume: true));
        Assert.Contains("restore journal.db and snapshots.db from a copy, or remove both", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SnapshotDatabase.SqliteJournal)]
    [InlineData(SnapshotDatabase.SqliteSnapshots)]
    public async Task A_lock_in_the_middle_of_a_run_costs_the_snapshots_of_its_time_and_nothing_else(string file)
    {
        using var run = new KeptRun();
        SqliteConnection? other = null;
        long stored = 0;
        var summary = await run.StartAsync(KeptRun.Endless, listener: happened =>
        {
            if (happened is SnapshotSaved && other is null)
            {
                other = run.Open(file);
                using var command = other.CreateCommand();
                command.CommandText = "BEGIN EXCLUSIVE";
                command.ExecuteNonQuery();
            }
            else if (happened is FaultReported && stored == 0)
            {
                stored = run.Events.OfType<SnapshotSaved>().Count();
                other!.Dispose();
            }
            else if (happened is SnapshotSaved && stored > 0 && run.Events.OfType<SnapshotSaved>().Count() > stored)
                run.Stop.Cancel();
        });
        Assert.Equal(StopReasons.Stopped, summary.StopReason);
        Assert.All(run.Events.OfType<FaultReported>(), fault => Assert.Contains("Another process holds the database locked: close it.", fault.Message, StringComparison.Ordinal));
        Assert.Equal((run.Events.OfType<FaultReported>().Count(), summary.EnvironmentSteps), (summary.Faults.StorageFaults, summary.Snapshots.LatestStep));
    }

    private static void Damage(string path, int from)
    {
        var bytes = File.ReadAllBytes(path);
        Assert.True(bytes.Length > from);
        bytes.AsSpan(from).Fill(0xA5);
        File.WriteAllBytes(path, bytes);
    }
}
