using Akka.Actor;
using Akka.Configuration;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;

namespace AkkaRL.Cluster.Tests.Kit;

/// <summary>A cluster whose nodes are actor systems of this process, on loopback ports of their own: what they tell each other goes through the serializers and TCP.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>A run that hangs fails its test after this long, rather than the suite.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A cluster that settles fast; a busy machine is no dead one. A node that ends does not take its leave, as one that is killed does not.</summary>
    private const string Config = """
        akka {
          actor.provider = cluster
          loglevel = ERROR
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          coordinated-shutdown { run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off }
          cluster {
            gossip-interval = 100ms
            leader-actions-interval = 100ms
            periodic-tasks-initial-delay = 100ms
            failure-detector { heartbeat-interval = 500ms, acceptable-heartbeat-pause = 5s }
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver { active-strategy = keep-majority, stable-after = 1s }
            down-removal-margin = 1s
            singleton { hand-over-retry-interval = 200ms }
            singleton-proxy { singleton-identification-interval = 200ms }
          }
        }
        """;

    private readonly List<ActorSystem> systems = [];
    private Address? seed;

    /// <summary>How links go in tests: a node is taken for dead late, for the machine may be busy.</summary>
    public static LinkSettings Links { get; } = new() { PulseInterval = TimeSpan.FromMilliseconds(200), NodeTimeout = TimeSpan.FromSeconds(20) };

    /// <summary>Another node.</summary>
    /// <param name="roles">Its roles, comma between.</param>
    /// <param name="storage">Where snapshots go, on a candidate.</param>
    public ActorSystem Join(string roles, SnapshotStorage? storage = null)
    {
        var config = ConfigurationFactory.ParseString($"akka.cluster.roles = [{roles}]").WithFallback(ConfigurationFactory.ParseString(Config));
        var system = ActorSystem.Create("akkarl", config.WithFallback(ClusterRun.ActorSystemConfig(storage)));
        var cluster = Akka.Cluster.Cluster.Get(system);
        cluster.Join(seed ??= cluster.SelfAddress);
        systems.Add(system);
        return system;
    }

    /// <summary>Starts a candidate of a run.</summary>
    public Task<RunResult?> LearnAsync(
        RunSettings settings, EnvSpec env, Action<RunEvent>? listener = null, SnapshotStorage? storage = null, LinkSettings? links = null, CancellationToken stop = default) =>
        LearnAsync(Join(ClusterRun.LearnerRole, storage), settings, env, listener, storage, links, stop);

    /// <summary>Starts a candidate of a run on a node.</summary>
    public static Task<RunResult?> LearnAsync(
        ActorSystem system, RunSettings settings, EnvSpec env, Action<RunEvent>? listener = null, SnapshotStorage? storage = null, LinkSettings? links = null, CancellationToken stop = default) =>
        ClusterRun.StartLearnerAsync(system, settings, env, listener, storage, links ?? Links, stop: stop).WaitAsync(Patience, CancellationToken.None);

    /// <summary>Starts a worker node.</summary>
    public Task<string> WorkAsync(EnvSpec env, int workers = 2, string name = "node", LinkSettings? links = null, NodeFigures? figures = null, CancellationToken stop = default) =>
        WorkAsync(Join(ClusterRun.WorkerRole), env, workers, name, links, figures, stop);

    /// <summary>Starts a worker node on a system.</summary>
    public static Task<string> WorkAsync(ActorSystem system, EnvSpec env, int workers = 2, string name = "node", LinkSettings? links = null, NodeFigures? figures = null, CancellationToken stop = default) =>
        ClusterRun.StartWorkerAsync(system, new NodeSettings { Name = name, Workers = workers }, _ => env, links ?? Links, figures: figures, stop: stop).WaitAsync(Patience, CancellationToken.None);

    /// <summary>Ends a node without its leave.</summary>
    public static Task Kill(ActorSystem system) => system.Terminate();

    public async ValueTask DisposeAsync() => await Task.WhenAll(systems.Select(system => system.Terminate()));
}
