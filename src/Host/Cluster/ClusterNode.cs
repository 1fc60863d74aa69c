using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Settings;
using AkkaRL.Host.Telemetry;

namespace AkkaRL.Host.Cluster;

/// <summary>This process as a node: it asks to be admitted, joins, and leaves when it is disposed.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(10);

    private readonly CommandContext context;
    private readonly NodeCertificates? certificates;
    private readonly ProcessTelemetry telemetry;
    private readonly TaskCompletionSource<string> over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActorSystem? system;
    private IActorRef gate = ActorRefs.Nobody;
    private SeedAnswer? admission;

    private ClusterNode(CommandContext context, RunSettings settings, NodeCertificates? certificates)
    {
        (this.context, Settings, this.certificates) = (context, settings.Cluster, certificates);
        telemetry = ProcessTelemetry.Start(settings.Telemetry, () => NotAlive, () => NotReady);
    }

    public ClusterSettings Settings { get; }

    /// <summary>The run that the cluster trains; null for the node that begins it.</summary>
    public string? RunId => Settings.RunId != "" ? Settings.RunId : admission?.Admitted.RunId;

    /// <summary>Whether this node begins the cluster, rather than joining one.</summary>
    public bool BeginsCluster => admission is null;

    /// <summary>The node's actors.</summary>
    public ActorSystem System => system ?? throw new InvalidOperationException("The node has not joined yet.");

    /// <summary>The port that it listens on.</summary>
    public int Port => Akka.Cluster.Cluster.Get(System).SelfAddress.Port!.Value;

    private string? NotAlive => system?.WhenTerminated.IsCompleted == true ? "This node was put out of the cluster." : null;

    private string? NotReady =>
        NotAlive ?? (system is not null && Akka.Cluster.Cluster.Get(system).SelfMember.Status == Akka.Cluster.MemberStatus.Up ? null : "This node is not a member of the cluster yet.");

    /// <summary>Checks what can be checked before anybody is told of this node.</summary>
    /// <param name="context">The process.</param>
    /// <param name="settings">What this node is.</param>
    /// <exception cref="BadInputException">A port is in use, or an address is none of this machine.</exception>
    /// <exception cref="InvalidSettingsException">It would listen unprotected, or a certificate is no good.</exception>
    public static async Task<ClusterNode> OpenAsync(CommandContext context, RunSettings settings)
    {
        ClusterValidation.RequireSafe(settings.Cluster);
        var certificates = settings.Cluster.HasTls ? NodeCertificates.Load(settings.Cluster.Tls, context.CurrentFolder, context.Time.GetUtcNow()) : null;
        await RequireFreeAsync(settings.Cluster, context.Stop);
        return new ClusterNode(context, settings, certificates);
    }

    /// <summary>Finds a seed node that admits this one, unless this one begins the cluster.</summary>
    /// <param name="mayBegin">Whether this node knows what to train.</param>
    /// <exception cref="BadInputException">None answered in time, or one turned this node away.</exception>
    public async Task AskAdmissionAsync(bool mayBegin) => admission = await SeedNodes.FindAsync(context, Settings, certificates, mayBegin);

    /// <summary>The run's settings, with what this node has its own of.</summary>
    public RunSettings SettingsOfRun(RunSettings own) => SettingsReader.Read(HoconText.Parse(admission!.Admitted.Settings, "the cluster's settings").ToDictionary()) with
    {
        Cluster = own.Cluster, Telemetry = own.Telemetry, EnvironmentAssembly = own.EnvironmentAssembly,
    };

    /// <summary>Refuses settings of another experiment than the cluster's.</summary>
    public void RequireSame(RunSettings own)
    {
        if (admission is not null)
            NodeRules.RequireSame(SettingsOfRun(own), own);
    }

    /// <summary>Listens, opens this node's own gate, and joins: a cluster that is there, or a new one.</summary>
    /// <param name="settings">The run's.</param>
    /// <param name="runId">What the run is called.</param>
    /// <param name="storage">Where a learner keeps its snapshots; null for a node without one.</param>
    public void Join(RunSettings settings, string runId, SnapshotStorage? storage)
    {
        var config = ClusterConfig.OfNode(Settings).WithFallback(ClusterRun.ActorSystemConfig(storage));
        system = ActorSystem.Create(ClusterConfig.SystemName, ClusterConfig.Setup(config, certificates));
        var shared = settings.Snapshots is { Enabled: true, Database: SnapshotDatabaseKind.PostgreSql };
        var known = new Gate(Settings.Name, runId, SettingsWriter.Write(settings with { Cluster = new(), Telemetry = new(), EnvironmentAssembly = "" }), $"{settings.Algorithm} on {settings.Environment}", shared);
        gate = system.ActorOf(Props.Create(() => new Gatekeeper(known, new LearnerWindow(), over)), Gatekeeper.Name);
        var cluster = Akka.Cluster.Cluster.Get(system);
        if (admission is null)
            cluster.Join(cluster.SelfAddress);
        else
            cluster.JoinSeedNodes(SeedNodes.Others(Settings).Prepend((admission.Host, admission.Port)).Distinct().Select(seed => ClusterConfig.AddressOf(Settings, seed.Host, seed.Port)));
    }

    /// <summary>Tells the other nodes that there is nothing left to do, unless one of them goes on with the run.</summary>
    public void EndRun(string reason) => gate.Tell(new Gatekeeper.EndRun(reason));

    /// <summary>Completes with the reason when the run is over, wherever that was.</summary>
    /// <param name="work">What this node does for it; null for a witness.</param>
    /// <exception cref="ClusterLeftException">This node was put out of the cluster before, or there is no learner left in it.</exception>
    /// <exception cref="OperationCanceledException">The process is to stop.</exception>
    public async Task<string> UntilOverAsync(Task<string>? work = null)
    {
        var first = await Task.WhenAny(work ?? over.Task, over.Task, System.WhenTerminated).WaitAsync(context.Stop);
        if (first == work)
            return await work;
        if (first == over.Task)
            return await over.Task;
        throw new ClusterLeftException($"This node was put out of the cluster ({CoordinatedShutdown.Get(System).ShutdownReason?.GetType().Name ?? "its actor system ended"}): the others could not reach it, or were more. Start it again.");
    }

    public async ValueTask DisposeAsync()
    {
        telemetry.Dispose();
        if (system is null || system.WhenTerminated.IsCompleted)
            return;
        // Leaves the cluster first, so that the others need not find out.
        await Task.WhenAny(CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance), Task.Delay(LeaveTimeout, TimeProvider.System, CancellationToken.None));
    }

    /// <summary>Before the transport does it: its own error comes late and says little.</summary>
    private static async Task RequireFreeAsync(ClusterSettings settings, CancellationToken stop)
    {
        try
        {
            var address = IPAddress.TryParse(settings.Host, out var literal) ? literal : (await Dns.GetHostAddressesAsync(settings.Host, AddressFamily.InterNetwork, stop))[0];
            using var probe = new TcpListener(address, settings.Port);
            probe.Start();
        }
        catch (SocketException error)
        {
            throw new BadInputException(error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"The port {settings.Port} of {settings.Host} is in use. Stop what uses it, or choose another with --port (akkarl.cluster.port; 0 for any that is free)."
                : $"This node cannot listen on {settings.Host}:{settings.Port}: {error.Message.TrimEnd('.')}. Name an address of this machine in akkarl.cluster.host.");
        }
    }
}
