using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Models.Algorithms;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>
/// One fault after the other, of every kind: the run learns all the same, counts each, and leaves nothing behind. <c>scripts/soak.sh faults</c> runs it with a thousand.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akkarl-soak-").FullName;

    private static int Faults => int.Parse(Environment.GetEnvironmentVariable("AKKARL_SOAK_FAULTS") ?? "60", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_run_with_faults_of_every_kind_learns_counts_each_and_leaves_nothing_behind()
    {
        await RunAsync(12, "first");
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
        using var kit = new Injector(faults);
        var settings = new RunSettings
        {
            Workers = 2,
            TotalSteps = 100_000 + 1_000L * faults,
            StopWhenSolved = false,
            A3C = new A3CSettings { RolloutSteps = 8, GaeLambda = 0.95, RewardScale = 0.1 },
            Evaluation = new EvaluationSettings { IntervalSteps = 5_000, FinalEpisodes = 100 },
            Faults = new FaultSettings { Budget = int.MaxValue, StallTimeout = TimeSpan.FromSeconds(10), BackOffMinimum = TimeSpan.FromMilliseconds(1), BackOffMaximum = TimeSpan.FromMilliseconds(2) },
            Snapshots = new SnapshotSettings { IntervalSteps = 1_000 },
        };
        var database = SnapshotDatabase.Sqlite(PathOf(name, ""), name);
        var spec = new EnvSpec("CartPole-soak", "CartPole.", kit.Make, MaximumEpisodeSteps: 500, SolvedAt: 475);
        var storageFails = false;
        var summary = (await TrainingRun.StartAsync(settings, spec, happened =>
        {
            kit.Listen(happened);
            if (happened is not SnapshotSaved || storageFails)
                return;
            storageFails = true;
            Run(PathOf(name, SnapshotDatabase.SqliteSnapshots), "CREATE TRIGGER fault BEFORE INSERT ON snapshot WHEN NEW.sequence_number % 5 = 0 BEGIN SELECT RAISE(ABORT, 'injected'); END");
        }, new SnapshotStorage(database)).WaitAsync(TimeSpan.FromMinutes(10), CancellationToken.None)).Summary;
        output.WriteLine($"{summary.Faults}; {summary.Snapshots}; best {summary.BestEvaluation?.Mean}, last {summary.Evaluation?.Mean}; {summary.EnvironmentSteps} env steps in {summary.WallSeconds:0.0} s; envs {kit.Made} made, {kit.Disposed} disposed of");

        var expected = kit.Injected;
        Assert.Equal((StopReasons.Completed, settings.TotalSteps), (summary.StopReason, summary.EnvironmentSteps));
        Assert.True(kit.IsDone);
        Assert.InRange(summary.BestEvaluation!.Mean, 475, 500);
        Assert.Equal((expected.EnvironmentFaults, expected.WorkerFaults, expected.LearnerFaults, expected.Stalls),
            (summary.Faults.EnvironmentFaults, summary.Faults.WorkerFaults, summary.Faults.LearnerFaults, summary.Faults.Stalls));
        // A gradient that is not finite may be for a former life of the learner, too; it is refused as that.
        Assert.InRange(expected.NonFiniteGradients, summary.Faults.NonFiniteGradients, summary.Faults.NonFiniteGradients + summary.Faults.StaleGradients);
        Assert.InRange(summary.Faults.StaleGradients, 1, settings.Workers * summary.Faults.LearnerFaults);
        // Each snapshot has a marker, stored or not.
        Assert.Equal((long)Run(PathOf(name, SnapshotDatabase.SqliteJournal), "SELECT MAX(sequence_number) FROM journal")!, summary.Snapshots.Saved + summary.Faults.StorageFaults);
        Assert.InRange(summary.Faults.StorageFaults, 1, summary.Snapshots.Saved);
        Assert.True(SpinWait.SpinUntil(() => kit.Made == kit.Disposed, TimeSpan.FromMinutes(1)), "an env, and the worker that owns it, is left behind");
    }

    private string PathOf(string name, string file) => Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, file);

    private static object? Run(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static (int Threads, int Files, long ResidentMegabytes) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return (process.Threads.Count, OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0, process.WorkingSet64 >> 20);
    }

    /// <summary>Injects a fault when the one before has been reported, each kind in its turn.</summary>
    private sealed class Injector(int faults) : IDisposable
    {
        private const int StepsBetween = 100;

        private static readonly FaultKind[] Kinds = [FaultKind.Environment, FaultKind.Worker, FaultKind.NonFiniteGradient, FaultKind.Learner];

        private readonly Lock turn = new();
        private readonly ManualResetEventSlim stallIsOver = new();
        private FaultKind? open;
        private int injected, steps, made, disposed;

        public FaultCounts Injected { get; private set; } = new();

        public bool IsDone => injected == faults && open is null;

        public int Made => Volatile.Read(ref made);

        public int Disposed => Volatile.Read(ref disposed);

        // The event itself is left to the garbage collector: an env may still be waiting on it.
        public void Dispose() => stallIsOver.Set();

        public IEnv Make()
        {
            Interlocked.Increment(ref made);
            return new Env(this);
        }

        public void Listen(RunEvent happened)
        {
            if (happened is not FaultReported { Kind: var kind })
                return;
            lock (turn)
            {
                if (kind != open && (kind, open) is not (FaultKind.StaleGradient, FaultKind.NonFiniteGradient))
                    return;
                if (kind == FaultKind.Stall)
                    stallIsOver.Set();
                (open, steps) = (null, 0);
            }
        }

        /// <summary>In a worker's turn: the fault that is due now, if one is.</summary>
        private FaultKind? Next()
        {
            lock (turn)
            {
                // The other worker must not end the run before the stall is noticed.
                if (open == FaultKind.Stall)
                    stallIsOver.Wait(TimeSpan.FromMilliseconds(1));
                if (open is not null || injected == faults || ++steps < StepsBetween)
                    return null;
                // A stall takes seconds: only one.
                open = ++injected == faults / 2 ? FaultKind.Stall : Kinds[injected % Kinds.Length];
                Injected = Injected.With(open.Value);
                return open;
            }
        }

        private sealed class Env(Injector kit) : EnvWrapper(EnvCatalog.BuiltIn.Find("CartPole-v1").Create()), IEnv
        {
            public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
            {
                var self = ActorCell.GetCurrentSelfOrNoSender();
                var fault = self?.Path.Name.StartsWith("worker-", StringComparison.Ordinal) == true ? kit.Next() : null;
                if (fault == FaultKind.Environment)
                    throw new InvalidOperationException("the simulator broke");
                if (fault == FaultKind.Worker)
                    self!.Tell(new Gradients.RolloutGranted(new GradientLoan(0, 0, self!, 1)));
                if (fault == FaultKind.Learner)
                    KeptRun.BreakLearner();
                if (fault == FaultKind.Stall)
                    kit.stallIsOver.Wait();
                var result = base.Step(action, observation);
                return fault == FaultKind.NonFiniteGradient ? result with { Reward = 1e300 } : result;
            }

            void IDisposable.Dispose()
            {
                Interlocked.Increment(ref kit.disposed);
                Dispose();
            }
        }
    }
}
