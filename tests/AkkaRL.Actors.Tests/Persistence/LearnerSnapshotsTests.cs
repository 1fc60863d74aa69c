using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using Microsoft.Data.Sqlite;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>Which buffer a learner captures into, and when one is made for it.</summary>
public class LearnerSnapshotsTests
{
    private const int Large = 1_000_000;

    [Fact]
    public void The_state_that_a_life_began_with_is_never_captured_into()
    {
        // The worker pool reads it for as long as the run lasts.
        var (snapshots, restored) = (Snapshots(), new RunState());
        snapshots.Restore(restored, 0, 0, 0);
        snapshots.Begin(1, 1, 1);
        snapshots.Settle(restored);
        Assert.NotSame(restored, snapshots.Begin(2, 2, 2));
    }

    [Fact]
    public void A_buffer_that_comes_back_is_used_again()
    {
        var snapshots = Snapshots();
        var first = snapshots.Begin(1, 1, 1);
        snapshots.Settle(first);
        Assert.Same(first, snapshots.Begin(2, 2, 2));
    }

    [Fact]
    public void The_first_two_captures_of_a_large_state_allocate_no_more_than_the_later_ones()
    {
        var (snapshots, vector, kept) = (Snapshots(Large), new float[Large], (RunState?)null);
        snapshots.Prepare();
        for (var capture = 0; capture < 4; capture++)
        {
            // The third is captured into the first one's buffer.
            if (capture < 2)
                AwaitSpare(snapshots);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var state = snapshots.Begin(capture, capture, capture);
            state.Write("vector", vector.AsSpan());
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
            (kept, var free) = (state, kept);
            snapshots.Settle(free);
        }
    }

    [Fact]
    public void A_life_that_follows_another_finds_a_buffer_of_the_size_of_the_state_that_it_goes_on_from()
    {
        var (snapshots, restored) = (Snapshots(), new RunState());
        restored.Write("vector", new float[Large].AsSpan());
        snapshots.Restore(restored, 0, 0, 0);
        AwaitSpare(snapshots);
        var before = GC.GetAllocatedBytesForCurrentThread();
        snapshots.Begin(1, 1, 1).Write("vector", new ReadOnlySpan<float>(new float[1]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal(Large, snapshots.Size);
    }

    [Theory]
    [InlineData(true, 1_000)]
    [InlineData(false, Large)]
    public void None_is_made_for_a_small_state_or_a_run_without_snapshots(bool isOn, long size)
    {
        var snapshots = Snapshots(size, isOn);
        snapshots.Prepare();
        Assert.False(snapshots.IsSpareOrdered);
    }

    [Theory]
    [InlineData("a3c", true)]
    [InlineData("a3c", false)]
    [InlineData("async-n-step-q", true)]
    [InlineData("ppo", true)]
    [InlineData("impala", true)]
    [InlineData("dqn", true)]
    [InlineData("dqn, prioritized", true)]
    [InlineData("td3", true)]
    [InlineData("sac", true)]
    public async Task The_size_that_is_expected_is_about_what_a_snapshot_comes_to(string name, bool deterministic)
    {
        var algorithm = name.Split(',')[0];
        var settings = KeptRun.Settings with
        {
            Algorithm = algorithm,
            Deterministic = deterministic,
            Network = new() { Hidden = [64, 64] },
            TotalSteps = 600,
            Evaluation = new EvaluationSettings { IntervalSteps = 100, Episodes = 1, FinalEpisodes = 0 },
            DQN = new DQNSettings { ReplayCapacity = 500, LearningStarts = 50, BatchSize = 16, Prioritized = name != algorithm },
            TD3 = new TD3Settings { ReplayCapacity = 500, LearningStarts = 50, BatchSize = 16, TrainInterval = 50 },
            SAC = new SACSettings { ReplayCapacity = 500, LearningStarts = 50, BatchSize = 16, TrainInterval = 50 },
        };
        using var run = new KeptRun { Inner = algorithm is "td3" or "sac" ? "Pendulum-v1" : "CartPole-v1" };
        await run.StartAsync(settings);

        var plan = new RunPlan(settings, run.Spec);
        var shape = plan.Algorithm.MakeShape(plan, new EvaluationHistory(null), new RunClock(TimeProvider.System));
        var actual = LargestSnapshot(run).Size;

        Assert.InRange(shape.Snapshots.Size, actual, actual * 3 / 2);
    }

    private static LearnerSnapshots Snapshots(long size = 0, bool isOn = true) => new(new SnapshotSettings(), isExact: false, size) { IsOn = isOn };

    private static void AwaitSpare(LearnerSnapshots snapshots) => Assert.True(SpinWait.SpinUntil(() => snapshots.HasSpare, TimeSpan.FromMinutes(1)));

    private static RunState LargestSnapshot(KeptRun run)
    {
        using var connection = run.Open(SnapshotDatabase.SqliteSnapshots);
        using var command = new SqliteCommand("SELECT snapshot FROM snapshot ORDER BY length(snapshot) DESC LIMIT 1", connection);
        return SnapshotFormat.Decode((byte[])command.ExecuteScalar()!).State;
    }
}
