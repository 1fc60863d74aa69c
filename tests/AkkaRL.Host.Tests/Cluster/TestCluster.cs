using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using AkkaRL.Actors.Cluster;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>Nodes in this process: a gate and a member each, without training.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly Dictionary<ActorSystem, Task> systems = [];

    /// <summary>What a gate knows in these tests.</summary>
    public static Gate Gate { get; } = new("test", "run-1", "akkarl { seed = 7 }", "a3c on CartPole-v1", HasSharedDatabase: false);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static ClusterSettings Settings(TlsSettings? tls = null, params string[] roles) => new()
    {
        Name = Gate.Cluster, Port = FreePort(), Roles = roles is [] ? [ClusterRoles.Witness] : [.. roles], Tls = tls ?? new(),
    };

    /// <summary>Starts a node; it is a member when it is returned, unless it cannot become one within the timeout.</summary>
    public async Task<ActorSystem> StartAsync(ClusterSettings settings, NodeCertificates? certificates = null, ClusterSettings? seed = null, Gate? gate = null)
    {
        var system = ActorSystem.Create(ClusterConfig.SystemName, ClusterConfig.Setup(ClusterConfig.OfNode(settings), certificates));
        var known = gate ?? Gate;
        system.ActorOf(Props.Create(() => new Gatekeeper(known, new BlindWindow(), new TaskCompletionSource<string>())), Gatekeeper.Name);
        var cluster = Akka.Cluster.Cluster.Get(system);
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.RegisterOnMemberUp(up.SetResult);
        systems.Add(system, up.Task);
        cluster.Join(seed is null ? cluster.SelfAddress : ClusterConfig.AddressOf(seed, seed.Host, seed.Port));
        await Task.WhenAny(up.Task, system.WhenTerminated, Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System));
        return system;
    }

    /// <summary>Whether the node has become a member.</summary>
    public bool IsUp(ActorSystem system) => systems[system].IsCompletedSuccessfully;

    public async ValueTask DisposeAsync()
    {
        foreach (var system in systems.Keys)
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
    }
}
