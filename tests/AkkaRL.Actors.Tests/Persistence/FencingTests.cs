using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>A run has one owner: whoever took it over last. Every other process that still writes is refused, and ends.</summary>
public class FencingTests
{
    private const string Fenced = "Another process owns this run";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task A_process_that_takes_the_run_over_fences_one_that_is_running(int keep) => FenceOneThatIsRunning(null, keep);

    [PostgresFact]
    public Task A_process_that_takes_the_run_over_fences_one_that_is_running_PostgreSQL() => FenceOneThatIsRunning(PostgresFactAttribute.Database(), keep: 2);

    [Fact]
    public Task A_process_that_slept_through_a_take_over_is_fenced_when_it_wakes_up() => FenceOneThatSlept(null);

    [PostgresFact]
    public Task A_process_that_slept_through_a_take_over_is_fenced_when_it_wakes_up_PostgreSQL() => FenceOneThatSlept(PostgresFactAttribute.Database());

    [Fact]
    public Task Of_two_processes_that_resume_a_run_at_once_one_goes_on() => ResumeTwice(null);

    [PostgresFact]
    public Task Of_two_processes_that_resume_a_run_at_once_one_goes_on_PostgreSQL() => ResumeTwice(PostgresFactAttribute.Database());

    [Fact]
    public async Task A_new_run_does_not_write_into_the_database_of_another()
    {
        using var run = new KeptRun();
        Assert.NotEqual(0, (await run.StartAsync()).Snapshots.Saved);
        var second = await run.StartAsync(KeptRun.Endless);
        Assert.Equal((StopReasons.Failed, 0), (second.StopReason, second.Snapshots.Saved));
        Assert.StartsWith(Fenced, second.StopDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_marker_of_its_own_whose_answer_was_lost_does_not_fence_a_process()
    {
        using var gate = new Gate();
        using var run = new KeptRun { OnStep = _ => gate.Pass() };
        var task = run.StartAsync(KeptRun.Endless with { TotalSteps = 50_000 }, listener: gate.CloseAtSnapshot);
        await gate.Closed(task);
        run.Change(
            """
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
            SELECT created, deleted, persistence_id, sequence_number + 1, message, manifest, identifier FROM journal ORDER BY sequence_number DESC LIMIT 1
            """, SnapshotDatabase.SqliteJournal);
        gate.Open();
        var summary = await task;
        Assert.Equal((StopReasons.Completed, 50_000, 0), (summary.StopReason, summary.Snapshots.LatestStep, summary.Faults.StorageFaults));
    }

    private static async Task FenceOneThatIsRunning(SnapshotDatabase? kept, int keep)
    {
        var settings = KeptRun.Endless with { Snapshots = KeptRun.Endless.Snapshots with { Keep = keep } };
        var saved = new TaskCompletionSource();
        using var run = new KeptRun { Kept = kept };
        using var other = new KeptRun { Kept = run.Database };
        var first = run.StartAsync(settings, listener: happened =>
        {
            if (happened is SnapshotSaved)
                saved.TrySetResult();
        });
        await await Task.WhenAny(saved.Task, first);
        var second = await other.StartAsync(settings, resume: true, listener: other.StopAfterSnapshots(1));
        Assert.Equal(StopReasons.Stopped, second.StopReason);
        Assert.NotInRange(second.Snapshots.Incarnation, 0, 1);
        Assert.NotNull(second.Snapshots.ResumedAtStep);
        Assert.NotEqual(0, second.Snapshots.ResumedAtStep);
        AssertIsFenced(await first);
    }

    private static async Task FenceOneThatSlept(SnapshotDatabase? kept)
    {
        using var gate = new Gate();
        using var run = new KeptRun { Kept = kept, OnStep = _ => gate.Pass() };
        using var other = new KeptRun { Kept = run.Database };
        var first = run.StartAsync(KeptRun.Endless, listener: gate.CloseAtSnapshot);
        await gate.Closed(first);
        // So many that the markers around the take-over would be deleted, were they not kept.
        var second = await other.StartAsync(KeptRun.Endless, resume: true, listener: other.StopAfterSnapshots(5));
        Assert.Equal(StopReasons.Stopped, second.StopReason);
        gate.Open();
        AssertIsFenced(await first);
        Assert.All(SnapshotArchive.Read(run.Database), snapshot => Assert.Equal(second.Snapshots.Incarnation, snapshot.Info?.Incarnation));
    }

    private static async Task ResumeTwice(SnapshotDatabase? kept)
    {
        using var run = new KeptRun { Kept = kept };
        Assert.NotEqual(0, (await run.StartAsync()).Snapshots.Saved);
        using KeptRun one = new() { Kept = run.Database }, two = new() { Kept = run.Database };
        var runs = new[] { one, two }.ToDictionary(process => process.StartAsync(KeptRun.Endless, resume: true, stop: process.Stop.Token));
        var fenced = await Task.WhenAny(runs.Keys);
        AssertIsFenced(await fenced);
        var (goesOn, process) = runs.Single(entry => entry.Key != fenced);
        process.Stop.Cancel();
        var summary = await goesOn;
        Assert.Equal((StopReasons.Stopped, summary.EnvironmentSteps), (summary.StopReason, summary.Snapshots.LatestStep));
    }

    private static void AssertIsFenced(RunSummary summary)
    {
        Assert.Equal(StopReasons.Failed, summary.StopReason);
        Assert.StartsWith(Fenced, summary.StopDetail, StringComparison.Ordinal);
    }

    /// <summary>Holds a run's workers in the middle of a step, from its first snapshot until it is opened.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim isOpen = new(initialState: true);
        private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool wasClosed;

        public void CloseAtSnapshot(RunEvent happened)
        {
            if (happened is not SnapshotSaved || wasClosed)
                return;
            wasClosed = true;
            isOpen.Reset();
        }

        public void Pass()
        {
            if (isOpen.IsSet)
                return;
            closed.TrySetResult();
            isOpen.Wait();
        }

        public async Task Closed(Task run) => await await Task.WhenAny(closed.Task, run);

        public void Open() => isOpen.Set();

        public void Dispose() => isOpen.Set();
    }
}
