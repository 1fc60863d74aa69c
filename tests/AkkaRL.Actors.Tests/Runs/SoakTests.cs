using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using Xunit.Abstractions;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>
/// One fault after the other, of every kind: the run learns all the same, counts each, and leaves nothing behind. <c>scripts/soak.sh faults</c> runs it with a thousand.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : IDisposable
{
    private const long LagMaximum = 200;

    /// <summary>Of workers, evaluations and stores. On a busy machine one may be exceeded with no hang injected: that is one more fault, counted like any.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>The actors of a run that suffers nothing, with its snapshots' journal.</summary>
    private static readonly string[] Actors =
        ["/evaluator", "/learner", "/metrics", "/snapshots", "/snapshots/$", "/workers", "/workers/worker", "/workers/worker"];

    private static readonly int Kinds = Enum.GetValues<SoakFault>().Length;

    private readonly string folder = Directory.CreateTempSubdirectory("akkarl-soak-").FullName;

    private static int Faults => int.Parse(Environment.GetEnvironmentVariable("AKKARL_SOAK_FAULTS") ?? "30", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_run_with_faults_of_every_kind_learns_counts_each_and_leaves_nothing_behind()
    {
        await RunAsync(Kinds, "first");
        var before = Measure();
        await RunAsync(Faults, "soak");
        var after = Measure();
        output.WriteLine($"before {before}, after {after}");
        Assert.InRange(after.Threads - before.Threads, int.MinValue, 30);
        Assert.InRange(after.Files - before.Files, int.MinValue, 20);
        Assert.InRange(after.ResidentMegabytes - before.ResidentMegabytes, long.MinValue, 100);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task RunAsync(int faults, string name)
    {
        var settings = new RunSettings
        {
            Workers = 2,
            TotalSteps = 60_000 + 5_000L * faults,
            StopWhenSolved = false,
            A3C = new A3CSettings { RolloutSteps = SoakFaults.RolloutSteps, GaeLambda = 0.95, RewardScale = 0.1 },
            PolicyLag = new PolicyLagSettings { Maximum = LagMaximum, BeyondMaximum = LagRemedy.Drop },
            Divergence = new DivergenceSettings { LearningRateFactor = 0.999, MaximumRollbacks = 1_000 },
            Evaluation = new EvaluationSettings { IntervalSteps = 5_000, FinalEpisodes = 100, Timeout = Timeout },
            Faults = new FaultSettings
            {
                Budget = int.MaxValue,
                StallTimeout = Timeout,
                BackOffMinimum = TimeSpan.FromMilliseconds(1),
                BackOffMaximum = TimeSpan.FromMilliseconds(2),
            },
            Snapshots = new SnapshotSettings { IntervalSteps = 1_000 },
        };
        using var stores = new FaultySqlStores(Timeout);
        using var kit = new SoakFaults(faults, stores, LagMaximum);
        var counted = new FaultCounts();
        bool? onlyItsActors = null;
        IActorRef run = ActorRefs.Nobody;

        var summary = await RunAsync(settings, name, stores, kit, happened =>
        {
            kit.Listen(happened);
            if (happened is FaultReported fault)
                counted = counted.With(fault.Kind);
            // The faults are over, and training goes on: whoever was replaced is gone, sooner or later.
            if (happened is EvaluationReported && kit.IsDone)
                onlyItsActors ??= SpinWait.SpinUntil(() => ActorTree.Below(run).SequenceEqual(Actors), TimeSpan.FromMinutes(1));
        }, started => run = started);

        output.WriteLine($"{summary.Faults}; {summary.Snapshots}; best {summary.BestEvaluation?.Mean}, last {summary.Evaluation?.Mean}; "
            + $"{summary.EnvironmentSteps} env steps in {summary.WallSeconds:0.0} s; {kit.Made} envs");
        output.WriteLine($"injected and reported: {string.Join(", ", kit.Reported.OrderBy(kind => kind.Key).Select(kind => $"{kind.Value} {kind.Key}"))}");
        output.WriteLine($"strikes: {string.Join(", ", kit.Strikes.Select(kind => $"{kind.Value} {kind.Key}"))}");
        Assert.Equal((StopReasons.Completed, settings.TotalSteps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.InRange(summary.BestEvaluation!.Mean, 475, 500);
        // Each fault was reported, by an event of its own; every event is counted.
        Assert.True(kit.IsDone, kit.Position);
        Assert.Equal((faults, Kinds), (kit.Reported.Values.Sum(), kit.Reported.Count));
        Assert.Equal(counted, summary.Faults);
        // A busy machine makes workers stall and gradients lag by itself, but no learner throw and nothing diverge.
        Assert.InRange(summary.Faults.LearnerFaults, 1, kit.Strikes[FaultKind.Learner]);
        Assert.InRange(summary.Faults.Divergences, 1, kit.Strikes[FaultKind.Divergence]);
        Assert.Equal(1 + summary.Faults.LearnerFaults + summary.Faults.Divergences, summary.Snapshots.Incarnation);
        Assert.True(onlyItsActors, "an actor is left behind, or there was no evaluation after the last fault");
        Assert.True(SpinWait.SpinUntil(() => kit.Made == kit.Disposed, TimeSpan.FromMinutes(1)), "an env, and the worker that owns it, is left behind");
    }

    private async Task<RunSummary> RunAsync(
        RunSettings settings, string name, FaultySqlStores stores, SoakFaults kit, Action<RunEvent> listener, Action<IActorRef> started)
    {
        var database = SnapshotDatabase.Sqlite(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, name);
        using var system = ActorSystem.Create("akkarl", stores.Config.WithFallback(database.ActorSystemConfig).WithFallback(TrainingRun.ActorSystemConfig));
        var plan = new RunPlan(settings, new EnvSpec("CartPole-soak", "CartPole.", kit.Make, MaximumEpisodeSteps: 500, SolvedAt: 475));
        var completion = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var storage = new SnapshotStorage(database);
        started(system.ActorOf(Props.Create(() => new RunSupervisor(plan, listener, completion, TimeProvider.System, storage)), "run"));
        try
        {
            var result = await completion.Task.WaitAsync(TimeSpan.FromMinutes(15), CancellationToken.None);
            await system.Terminate().WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
            return result.Summary;
        }
        catch (TimeoutException hung)
        {
            throw new TimeoutException($"{hung.Message} {kit.Position}", hung);
        }
    }

    private static (int Threads, int Files, long ResidentMegabytes) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return (process.Threads.Count, OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0, process.WorkingSet64 >> 20);
    }
}
