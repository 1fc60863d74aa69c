using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Actors.Wire;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Cluster;

/// <summary>The entry points of a run in a cluster: the learner's candidates and the worker nodes, each with an actor system that is, or becomes, a member.</summary>
public static class ClusterRun
{
    /// <summary>The role of nodes that the learner may be on.</summary>
    public const string LearnerRole = "learner";

    /// <summary>The role of nodes with workers.</summary>
    public const string WorkerRole = "worker";

    /// <summary>The role of nodes that only have a vote.</summary>
    public const string WitnessRole = "witness";

    internal const string CandidateName = "akkarl-candidate";

    private const string LearnerName = "akkarl-learner", ProxyName = "akkarl-learner-proxy", NodeName = "akkarl-node";

    /// <summary>Of the software and of the wire: all nodes of a run have the same.</summary>
    public static string SoftwareVersion { get; } = $"{typeof(ClusterRun).Assembly.GetName().Version?.ToString(3)}, wire {WireFormat.Version}";

    /// <summary>
    /// What the actors need of an actor system: dispatchers, serializers, the singleton's defaults, and the plugins of the storage. Nothing but registered types is serialized.
    /// To be layered under what makes the system a node: addresses, roles, seed nodes, security.
    /// </summary>
    /// <param name="storage">Where snapshots go, on a candidate; null for none.</param>
    public static Config ActorSystemConfig(SnapshotStorage? storage)
    {
        var bindings = string.Join('\n', WireFormat.Types.Select(type => $"\"{type.AssemblyQualifiedName}\" = akkarl-wire"));
        var config = ConfigurationFactory.ParseString(
            $$"""
            akka.actor {
              serializers.akkarl-wire = "{{typeof(WireSerializer).AssemblyQualifiedName}}"
              serialization-bindings {
                {{bindings}}
              }
            }
            # It would say at once that it has failed for 30 s; a node that finds no learner says so itself.
            akka.cluster.singleton-proxy.log-singleton-identification-failure = off
            # A learner that leaves saves its run first, which may take long where the database is opened for it.
            akka.coordinated-shutdown.phases.cluster-exiting.timeout = 60s
            """).WithFallback(RefusingSerializer.InsteadOfJson).WithFallback(TrainingRun.ActorSystemConfig);
        if (storage is not null)
            config = storage.Database.ActorSystemConfig.WithFallback(config);
        return config.WithFallback(ClusterSingleton.DefaultConfig());
    }

    /// <summary>On each candidate: the run, if the learner comes to be here, and the wait for its end otherwise.</summary>
    /// <param name="system">A member of the cluster, with the role <see cref="LearnerRole"/>.</param>
    /// <param name="settings">How; the same on every candidate.</param>
    /// <param name="env">On which env.</param>
    /// <param name="listener">Is told every <see cref="RunEvent"/> while the learner is here.</param>
    /// <param name="storage">Where snapshots go; a database that all candidates share. Null for none.</param>
    /// <param name="links">How links go.</param>
    /// <param name="network">Makes the policy's network; null for the layers of the settings.</param>
    /// <param name="stop">This node leaves: the run is saved, and goes on with another candidate if there is one.</param>
    /// <returns>The result where the run ended or was left; null where it ended on another node.</returns>
    /// <exception cref="InvalidSettingsException">The settings are out of range, or do not go with a cluster; nothing was started.</exception>
    /// <exception cref="SnapshotStorageException">The run cannot be taken over.</exception>
    /// <exception cref="LearnerFencedException">Another process has taken the run over.</exception>
    /// <exception cref="ClusterLeftException">This node is out of the cluster.</exception>
    public static async Task<RunResult?> StartLearnerAsync(
        ActorSystem system, RunSettings settings, EnvSpec env, Action<RunEvent>? listener, SnapshotStorage? storage, LinkSettings links,
        INetworkFactory? network = null, CancellationToken stop = default)
    {
        var plan = new RunPlan(settings, env, network) { IsClustered = true };
        if (settings.Deterministic && !plan.Algorithm.IsAlwaysDeterministic)
            throw new InvalidSettingsException(
                $"akkarl.deterministic is on, but {settings.Algorithm} combines gradients in a cluster, in the order that they come. Turn it off, or choose an algorithm of another shape, which is deterministic anyway.");
        var outcome = new TaskCompletionSource<RunResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var runId = storage?.Database.RunId ?? "run";
        var kept = settings.Snapshots.Enabled ? storage : null;
        system.ActorOf(Props.Create(() => new RunCandidate(runId, kept, outcome)), CandidateName);
        system.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new RunHost(plan, runId, listener, storage, links, outcome, TimeProvider.System)), new RunHost.HandOver(),
                ClusterSingletonManagerSettings.Create(system).WithRole(LearnerRole)),
            LearnerName);
        var cluster = Akka.Cluster.Cluster.Get(system);
        await using var registration = stop.Register(() => cluster.Leave(cluster.SelfAddress));
        await Task.WhenAny(outcome.Task, system.WhenTerminated);
        var result = outcome.Task.IsCompleted ? await outcome.Task : null;
        // A node that is put out is told to hand its run over, as one that leaves: it saves, if it still may, and stops. But nobody has asked it to.
        var isPutOut = !stop.IsCancellationRequested && (!outcome.Task.IsCompleted || result?.Summary.StopReason == Protocol.StopReasons.Stopped);
        return isPutOut ? throw new ClusterLeftException("This node is out of the cluster: the others took it for dead, or it was stopped. Start it again.") : result;
    }

    /// <summary>On each worker node: works for the run, wherever its learner is, until it ends.</summary>
    /// <param name="system">A member of the cluster.</param>
    /// <param name="node">What it offers.</param>
    /// <param name="findEnv">The env of the run's settings, which come from the learner; throws to refuse.</param>
    /// <param name="links">How links go.</param>
    /// <param name="network">Makes the policy's network; null for the layers of the settings.</param>
    /// <param name="figures">Receives what the node has done; null where nobody looks.</param>
    /// <param name="stop">This node leaves; its workers go to others.</param>
    /// <returns>Why it ended, one of <see cref="Protocol.StopReasons"/>.</returns>
    /// <exception cref="NodeRefusedException">It cannot work for the run.</exception>
    /// <exception cref="ClusterLeftException">This node is out of the cluster.</exception>
    public static async Task<string> StartWorkerAsync(
        ActorSystem system, NodeSettings node, Func<RunSettings, EnvSpec> findEnv, LinkSettings links, INetworkFactory? network = null, NodeFigures? figures = null, CancellationToken stop = default)
    {
        var completion = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Func<RunSettings, RunPlan> makePlan = settings => new RunPlan(settings, findEnv(settings), network) { IsClustered = true };
        var learner = LearnerProxy(system);
        Func<IActorRef> findLearner = () => learner;
        var counted = figures ?? new NodeFigures();
        var agent = system.ActorOf(Props.Create(() => new NodeAgent(node, links, makePlan, findLearner, completion, TimeProvider.System, counted)), NodeName);
        await using var registration = stop.Register(() => agent.Tell(new NodeAgent.Leave()));
        await Task.WhenAny(completion.Task, system.WhenTerminated);
        return completion.Task.IsCompleted
            ? await completion.Task
            : throw new ClusterLeftException("This node is out of the cluster: the others took it for dead, or it was stopped. Start it again.");
    }

    /// <summary>A way to the learner, wherever it is: what is sent while there is none is dropped. One for each system.</summary>
    public static IActorRef LearnerProxy(ActorSystem system)
    {
        var settings = ClusterSingletonProxySettings.Create(system).WithRole(LearnerRole).WithBufferSize(0);
        return system.ActorOf(ClusterSingletonProxy.Props($"/user/{LearnerName}", settings));
    }
}
