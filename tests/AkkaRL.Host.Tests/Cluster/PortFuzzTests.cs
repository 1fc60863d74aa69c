using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Envs;
using Xunit.Abstractions;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>
/// Whatever bytes come to a node's port, the node lives, keeps nothing of them, and does nothing that they might say. Mutations start from a real
/// conversation: a visitor that associates and asks for the status.
/// </summary>
public sealed class PortFuzzTests(ITestOutputHelper output)
{
    private const int RawConnections = 2_000, Associations = 5_000, FramesEach = 20, Lanes = 4;

    private const long MemoryBound = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task More_than_100_000_random_and_mutated_inputs_change_nothing()
    {
        var settings = TestCluster.Settings();
        using var proxy = new RecordingProxy(settings.Port);
        var over = new TaskCompletionSource<string>();
        var system = ActorSystem.Create(ClusterConfig.SystemName, ConfigurationFactory.ParseString($"akka.loglevel = OFF, akka.remote.dot-netty.tcp.public-port = {proxy.Port}").WithFallback(ClusterConfig.OfNode(settings)));
        var gate = TestCluster.Gate;
        system.ActorOf(Props.Create(() => new Gatekeeper(gate, new BlindWindow(), over)), Gatekeeper.Name);
        await Akka.Cluster.Cluster.Get(system).JoinAsync(Akka.Cluster.Cluster.Get(system).SelfAddress, CancellationToken.None);
        var frames = await RecordAsync(settings with { Port = proxy.Port }, proxy);
        Assert.True(frames.Count >= 2, "An association and a question were expected.");
        await FuzzAsync(settings.Port, frames, 100, 100);
        var (memory, handles) = (GC.GetTotalMemory(forceFullCollection: true), OpenFiles());

        var cases = await FuzzAsync(settings.Port, frames, RawConnections, Associations);

        output.WriteLine($"{cases} inputs; memory {memory >> 20} -> {GC.GetTotalMemory(forceFullCollection: true) >> 20} MB, open files {handles} -> {OpenFiles()}");
        Assert.True(cases >= 100_000);
        Assert.False(system.WhenTerminated.IsCompleted);
        Assert.False(over.Task.IsCompleted);
        Assert.Single(Akka.Cluster.Cluster.Get(system).State.Members);
        Assert.True(await IsAnsweringAsync(system, settings));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, memory + MemoryBound);
        Assert.InRange(OpenFiles(), 0, handles + 50);
        await system.Terminate();
    }

    /// <summary>What a visitor says to a node, by the node's own frames.</summary>
    private static async Task<List<byte[]>> RecordAsync(ClusterSettings node, RecordingProxy proxy)
    {
        Assert.IsType<Admission.ClusterDescribed>(await GateQuestion.AskAsync(node, null, node.Host, node.Port, new Admission.RequestStatus(), Patience));
        return proxy.Frames();
    }

    /// <summary>The node's own actors still answer, through its gate.</summary>
    private static async Task<bool> IsAnsweringAsync(ActorSystem system, ClusterSettings settings)
    {
        var answer = new TaskCompletionSource<Admission.IMessage?>();
        var gate = system.ActorSelection($"/user/{Gatekeeper.Name}");
        var question = new Admission.RequestStatus();
        system.ActorOf(Props.Create(() => new GateVisitor(gate, question, Patience, answer)));
        using var connection = new TcpClient();
        await connection.ConnectAsync(settings.Host, settings.Port);
        return await answer.Task is Admission.ClusterDescribed;
    }

    private static async Task<int> FuzzAsync(int port, List<byte[]> frames, int raw, int associations)
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(async () =>
        {
            var random = new Pcg64((ulong)lane);
            var sent = 0;
            for (var i = 0; i < raw / Lanes; i++)
                sent += await SendAsync(port, [i % 2 == 0 ? RandomBytes(random) : Mutate(random, frames)]);
            for (var i = 0; i < associations / Lanes; i++)
                sent += await SendAsync(port, [.. Enumerable.Range(0, FramesEach).Select(_ => Mutate(random, frames)).Prepend(frames[0])]) - 1;
            return sent;
        })));
        return counts.Sum();
    }

    /// <summary>One connection: says all, and waits until the node has hung up or has heard that there is no more.</summary>
    private static async Task<int> SendAsync(int port, List<byte[]> inputs)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        // A reset at the end, so that no port is kept for minutes.
        socket.LingerState = new LingerOption(true, 0);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            await socket.SendAsync(inputs.SelectMany(bytes => bytes).ToArray());
            socket.Shutdown(SocketShutdown.Send);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            var rest = new byte[4096];
            while (await socket.ReceiveAsync(rest, limit.Token) > 0)
            {
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException)
        {
            // It has hung up in the middle.
        }
        return inputs.Count;
    }

    private static byte[] RandomBytes(Pcg64 random)
    {
        var bytes = new byte[1 + random.NextInteger(300)];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)random.NextInteger(256);
        return bytes;
    }

    /// <summary>A real frame with some bytes changed, left out, put in or repeated; mostly of the right length, so that it is read at all.</summary>
    private static byte[] Mutate(Pcg64 random, List<byte[]> frames)
    {
        List<byte> body = [.. frames[random.NextInteger(frames.Count)][4..]];
        for (var changes = 1 + random.NextInteger(6); changes > 0 && body.Count > 0; changes--)
        {
            var at = random.NextInteger(body.Count);
            switch (random.NextInteger(5))
            {
                case 0:
                    body[at] = (byte)random.NextInteger(256);
                    break;
                case 1:
                    body[at] ^= (byte)(1 << random.NextInteger(8));
                    break;
                case 2:
                    body.RemoveRange(at, Math.Min(1 + random.NextInteger(8), body.Count - at));
                    break;
                case 3:
                    body.InsertRange(at, RandomBytes(random).Take(8));
                    break;
                default:
                    body.InsertRange(at, body.GetRange(at, Math.Min(16, body.Count - at)));
                    break;
            }
        }
        var length = random.NextInteger(50) == 0 ? random.NextInteger(int.MaxValue) : body.Count;
        return [.. BitConverter.GetBytes(length), .. body];
    }

    private static int OpenFiles() => OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0;
}
