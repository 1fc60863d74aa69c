using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>A real PostgreSQL, by the connection string in AKKARL_TEST_POSTGRES (see .ci/postgres).</summary>
public class PostgresTests
{
    [PostgresFact]
    public async Task A_run_kept_in_PostgreSQL_is_resumed_exactly()
    {
        using var whole = new KeptRun();
        var expected = (await whole.StartAsync()).ParametersSha256;

        using var stop = new CancellationTokenSource();
        using var run = new KeptRun { Kept = PostgresFactAttribute.Database(), OnStep = step => { if (step == 2_000) stop.Cancel(); } };
        await run.StartAsync(stop: stop.Token);
        Assert.All(SnapshotArchive.Read(run.Database), snapshot => Assert.Null(snapshot.Invalid));
        var resumed = await run.StartAsync(resume: true);
        Assert.Equal((expected, true), (resumed.ParametersSha256, resumed.Snapshots.ResumedExactly));
    }

    [PostgresFact]
    public async Task A_replay_too_large_for_a_snapshot_lies_in_segments_beside_the_run_and_its_run_is_resumed_exactly()
    {
        using var home = new KeptRun();
        var database = PostgresFactAttribute.Database(home.PathOf(""));
        var settings = KeptRun.Settings with
        {
            Algorithm = "dqn",
            TotalSteps = 1_500,
            Evaluation = KeptRun.Settings.Evaluation with { IntervalSteps = 0 },
            DQN = new DQNSettings { BatchSize = 8, LearningStarts = 100, TrainInterval = 4 },
            Snapshots = KeptRun.Settings.Snapshots with { ReplayLimit = 0 },
        };
        using var whole = new KeptRun();
        var (expected, _) = await whole.WithoutSnapshotsAsync(settings);
        // Killed between its second snapshot and its third, when the second is stored; that is taken only when the first is stored.
        using var stored = new SemaphoreSlim(0);
        using var run = new KeptRun
        {
            Kept = database,
            OnStep = step =>
            {
                if (step is 700 or 1_200)
                    stored.Wait();
                if (step == 1_200)
                    KeptRun.Kill();
            },
        };

        await run.StartAsync(settings, listener: happened =>
        {
            if (happened is SnapshotSaved)
                stored.Release();
        });
        var snapshots = SnapshotArchive.Read(database);
        Assert.Equal(2, snapshots.Count);
        Assert.All(snapshots, snapshot => Assert.Null(snapshot.Invalid));
        // The newest segment is lost: the snapshot that names it is refused, the one before it is used.
        var newest = new DirectoryInfo(home.PathOf(SnapshotDatabase.ReplayFolder)).GetFiles("replay.rewards-*").MaxBy(file => Written(file.Name))!;
        newest.Delete();
        var resumed = await run.StartAsync(settings, resume: true);

        Assert.Equal((expected.ParametersSha256, true), (resumed.ParametersSha256, resumed.Snapshots.ResumedExactly));
        Assert.Equal(snapshots[0].Info!.GlobalStep, resumed.Snapshots.ResumedAtStep);
        Assert.Contains(newest.Name, run.Events.OfType<RunResumed>().Single().Refused.Single(), StringComparison.Ordinal);

        static long Written(string name) => long.Parse(name.Split('-', '.')[^2], System.Globalization.CultureInfo.InvariantCulture);
    }

    [PostgresFact]
    public async Task Two_runs_share_a_database()
    {
        using var first = new KeptRun { Kept = PostgresFactAttribute.Database() };
        using var second = new KeptRun { Kept = PostgresFactAttribute.Database() };
        await first.StartAsync();
        Assert.Equal(StopReasons.Completed, (await second.StartAsync()).StopReason);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_costs_snapshots_and_nothing_else()
    {
        // Port 1 of loopback answers nobody.
        using var run = new KeptRun { Kept = SnapshotDatabase.PostgreSql("Host=127.0.0.1;Port=1;Username=nobody;Database=none", "run") };
        var summary = await run.StartAsync();
        Assert.Equal((StopReasons.Completed, 0), (summary.StopReason, summary.Snapshots.Saved));
        Assert.Contains(run.Events.OfType<FaultReported>(), fault => fault.Kind == FaultKind.Storage && fault.Message.Contains("Check that the", StringComparison.Ordinal));
    }
}

/// <summary>A test that needs PostgreSQL: skipped where there is none, but not in CI.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public const string Variable = "AKKARL_TEST_POSTGRES";

    public PostgresFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"There is no PostgreSQL: set {Variable} to a connection string; .ci/postgres start makes one.";
    }

    /// <summary>Room for a run of its own.</summary>
    /// <param name="folder">The run's, where it has one.</param>
    public static SnapshotDatabase Database(string? folder = null)
    {
        var connection = Environment.GetEnvironmentVariable(Variable);
        Assert.False(string.IsNullOrEmpty(connection), $"There is no PostgreSQL, which CI must have: set {Variable} to a connection string; .ci/postgres start makes one.");
        return SnapshotDatabase.PostgreSql(connection, $"test-{Guid.NewGuid():N}", folder);
    }
}
