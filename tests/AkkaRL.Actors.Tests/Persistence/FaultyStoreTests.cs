using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>A journal or a snapshot store that hangs, fails, refuses or stores something else, once: it costs one snapshot, and the run goes on.</summary>
public class FaultyStoreTests
{
    [Theory]
    [InlineData(true, StoreFault.Hang)]
    [InlineData(true, StoreFault.Fail)]
    [InlineData(true, StoreFault.Reject)]
    [InlineData(false, StoreFault.Hang)]
    [InlineData(false, StoreFault.Fail)]
    public async Task A_store_at_fault_costs_one_snapshot(bool isJournal, StoreFault fault)
    {
        using var system = ActorSystem.Create("akkarl", FaultyStores.Config(isJournal, fault));
        var (summary, events) = await RunAsync(system, KeptRun.Endless, snapshots: 3);
        Assert.Equal((StopReasons.Stopped, 1, 0), (summary.StopReason, summary.Faults.StorageFaults, summary.Faults.Total));
        Assert.StartsWith("A snapshot could not be stored.", events.OfType<FaultReported>().Single().Message, StringComparison.Ordinal);
        Assert.Equal(summary.EnvironmentSteps, summary.Snapshots.LatestStep);
    }

    [Fact]
    public async Task A_snapshot_that_was_confirmed_but_is_something_else_is_refused_and_the_one_before_it_used()
    {
        using var system = ActorSystem.Create("akkarl", FaultyStores.Config(isJournal: false, StoreFault.Corrupt));
        // One snapshot on the way and one at the end.
        var settings = KeptRun.Settings with { TotalSteps = 4_000, Snapshots = KeptRun.Settings.Snapshots with { IntervalSteps = 3_000 } };
        var (first, events) = await RunAsync(system, settings);
        Assert.Equal((StopReasons.Completed, 2), (first.StopReason, first.Snapshots.Saved));
        var (second, _) = await RunAsync(system, settings, resume: true);
        Assert.Equal((events.OfType<SnapshotSaved>().First().GlobalStep, 1), (second.Snapshots.ResumedAtStep, second.Faults.StorageFaults));
        Assert.Equal((4_000, first.ParametersSha256), (second.EnvironmentSteps, second.ParametersSha256));
    }

    /// <summary>A run until it is over, or has stored so many snapshots; then one more.</summary>
    private static async Task<(RunSummary Summary, IReadOnlyList<RunEvent> Events)> RunAsync(ActorSystem system, RunSettings settings, bool resume = false, int snapshots = int.MaxValue)
    {
        var plan = new RunPlan(settings, TinyRun.CartPole);
        var completion = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var events = new List<RunEvent>();
        Action<RunEvent> listener = happened =>
        {
            events.Add(happened);
            if (happened is SnapshotSaved && --snapshots == 0)
                enough.SetResult();
        };
        // The folder is for messages only: the system's plugins keep everything in memory.
        using var folder = new KeptRun();
        var storage = new SnapshotStorage(folder.Database, resume);
        var run = system.ActorOf(Props.Create(() => new RunSupervisor(plan, listener, completion, TimeProvider.System, storage)));
        await Task.WhenAny(enough.Task, completion.Task);
        run.Tell(new Supervision.EndTraining(StopReasons.Stopped));
        var result = await completion.Task.WaitAsync(TimeSpan.FromMinutes(4), CancellationToken.None);
        return (result.Summary, events);
    }
}
