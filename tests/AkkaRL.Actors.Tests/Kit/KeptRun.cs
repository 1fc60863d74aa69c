using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;
using Microsoft.Data.Sqlite;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>Runs of CartPole, or another env, that are kept in SQLite files in a folder of their own, and a way into the run's actors from inside an env.</summary>
internal sealed class KeptRun : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akkarl-kept-").FullName;
    private int steps;

    /// <summary>Two workers in turn, and a snapshot every 500 env steps.</summary>
    public static RunSettings Settings { get; } = TinyRun.Settings with
    {
        Workers = 2,
        TotalSteps = 4_000,
        Deterministic = true,
        Evaluation = new EvaluationSettings { IntervalSteps = 700, Episodes = 2, FinalEpisodes = 0 },
        Snapshots = new SnapshotSettings { IntervalSteps = 500, IntervalTime = TimeSpan.FromHours(1) },
    };

    /// <summary>The same without an end: until it fails or is stopped. Workers that a test holds are not replaced.</summary>
    public static RunSettings Endless { get; } = Settings with
    {
        TotalSteps = long.MaxValue,
        StopWhenSolved = false,
        Faults = TinyRun.Settings.Faults with { StallTimeout = TimeSpan.FromHours(1) },
    };

    /// <summary>The env.</summary>
    public EnvSpec Spec => new("Kept-v0", "A built-in env, watched.", () => new Env(this), MaximumEpisodeSteps, SolvedAt: 475);

    public int MaximumEpisodeSteps { get; init; } = 500;

    public SnapshotDatabase Database => Kept ?? SnapshotDatabase.Sqlite(folder, "run");

    /// <summary>Another database than SQLite.</summary>
    public SnapshotDatabase? Kept { get; init; }

    /// <summary>Which env is inside.</summary>
    public string Inner { get; init; } = "CartPole-v1";

    /// <summary>Env steps so far, the evaluator's too.</summary>
    public int Steps => Volatile.Read(ref steps);

    /// <summary>Called in a worker's turn before each of its env's steps, with the count of all steps so far.</summary>
    public Action<int> OnStep { get; init; } = _ => { };

    /// <summary>Called in a worker's turn when its env's state is captured.</summary>
    public Action OnCapture { get; init; } = () => { };

    public List<RunEvent> Events { get; } = [];

    /// <summary>Ends the run gracefully.</summary>
    public CancellationTokenSource Stop { get; } = new();

    public string PathOf(string file) => Path.Combine(folder, file);

    public async Task<RunSummary> StartAsync(
        RunSettings? settings = null, bool resume = false, Action<RunEvent>? listener = null, EnvSpec? env = null, CancellationToken stop = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, Stop.Token);
        var result = await TrainingRun.StartAsync(settings ?? Settings, env ?? Spec, happened =>
        {
            Events.Add(happened);
            listener?.Invoke(happened);
        }, new SnapshotStorage(Database, resume), stop: either.Token).WaitAsync(TimeSpan.FromMinutes(4), CancellationToken.None);
        return result.Summary;
    }

    /// <summary>A listener that ends the run gracefully when it has stored so many snapshots.</summary>
    public Action<RunEvent> StopAfterSnapshots(int count) => happened =>
    {
        if (happened is SnapshotSaved && --count == 0)
            Stop.Cancel();
    };

    /// <summary>The same run with no snapshots: its summary, and its rows of metrics.</summary>
    public async Task<(RunSummary Summary, IReadOnlyList<RunEvent> Rows)> WithoutSnapshotsAsync(RunSettings settings)
    {
        var rows = new List<RunEvent>();
        var result = await TinyRun.StartAsync(settings, Spec, happened =>
        {
            if (happened is ProgressReported or EvaluationReported or FaultReported)
                rows.Add(happened);
        });
        return (result.Summary, rows);
    }

    /// <summary>Sends an actor of the run something; only from inside an env.</summary>
    public static void Tell(string actor, object message)
    {
        var provider = ((IInternalActorRef)ActorCell.GetCurrentSelfOrNoSender()!).Provider;
        provider.ResolveActorRef($"akka://akkarl/user/run/{actor}").Tell(message);
    }

    /// <summary>Makes the learner throw.</summary>
    public static void BreakLearner() => Tell("learner", new Snapshots.WorkerCaptured(Worker: 9_999, 0, 0, []));

    /// <summary>Ends the run at once, with no last snapshot: as if it had been killed.</summary>
    public static void Kill() => Tell("learner", new Supervision.EndTraining(StopReasons.Failed, "killed"));

    /// <summary>Makes the parameters infinite, as an update too large for floats would.</summary>
    public static void BlowUp(long incarnation)
    {
        var life = int.Parse(ActorCell.GetCurrentSelfOrNoSender()!.Path.Name.Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture);
        BlowUp(worker: 0, life, incarnation, 4 * 4 + 4 + 4 * 3 + 3);
    }

    /// <summary>The same, as a life of a worker of another network would. Of no version that policy lag could make it be dropped for.</summary>
    public static void BlowUp(int worker, int life, long incarnation, int parameters)
    {
        var loan = new GradientLoan(worker, life, ActorRefs.Nobody, parameters) { Incarnation = incarnation, Version = int.MaxValue, Losses = new(1, 1, 1, 1) };
        Array.Fill(loan.Vector, float.PositiveInfinity);
        Tell("learner", new Gradients.ApplyGradient(loan));
    }

    public SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection($"Data Source={PathOf(file)};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Runs SQL that changes something, on the snapshots' file or another.</summary>
    public void Change(string sql, string file = SnapshotDatabase.SqliteSnapshots)
    {
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }

    public void Dispose()
    {
        Stop.Cancel();
        Stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private sealed class Env(KeptRun run) : EnvWrapper(EnvCatalog.BuiltIn.Find(run.Inner).Create())
    {
        public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            run.OnStep(Interlocked.Increment(ref run.steps));
            return base.Step(action, observation);
        }

        public override void CaptureState(BinaryWriter writer)
        {
            run.OnCapture();
            base.CaptureState(writer);
        }
    }
}
