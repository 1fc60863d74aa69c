using System.Net;
using System.Net.Sockets;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>Each way in which a node cannot be started: one paragraph that says what to do, exit code 2, nothing left behind, and no member.</summary>
public sealed class NodeRefusalTests : IDisposable
{
    private static readonly Gate Gate = TestCluster.Gate with { Settings = SettingsWriter.Write(new RunSettings()) };

    private readonly Akkarl akkarl = new();

    public void Dispose() => akkarl.Dispose();

    [Theory]
    [InlineData("node --role worker", "There is no seed node to join: name one that runs with --seed-node host:port")]
    [InlineData("node --role wroker --seed-node 127.0.0.1:4053", "\"wroker\" is no role of a node. Did you mean worker? There are learner, worker and witness.")]
    [InlineData("node --role witness --role worker --seed-node 127.0.0.1:4053", "a witness does nothing else")]
    [InlineData("node --seed-node 127.0.0.1", "\"127.0.0.1\" is no seed node; write host:port")]
    [InlineData("node --seed-node 127.0.0.1:70000", "is no seed node; write host:port")]
    [InlineData("node --role learner --seed-node 127.0.0.1:4053", "there is no connection string. Give one with --database")]
    [InlineData("node --role worker --seed-node 127.0.0.1:4053 --set a3c.gamma=0.9", "akkarl.a3c.gamma (--set a3c.gamma=0.9) is for the whole run")]
    [InlineData("node --role worker --seed-node 127.0.0.1:4053 --port 70000", "akkarl.cluster.port is 70000; it must be between 0 and 65535")]
    [InlineData("node --role worker --seed-node 127.0.0.1:4053 --host 0.0.0.0 --port 0", "anyone could join, and feed the learner what they like")]
    [InlineData("node --role worker --seed-node 127.0.0.1:4053 --host 0.0.0.0 --port 0 --set cluster.insist-insecure=on", "say their name for this node in akkarl.cluster.advertised-host")]
    [InlineData("node --role worker --seed-node 127.0.0.1:4053 --host 192.0.2.1 --set cluster.insist-insecure=on", "Name an address of this machine in akkarl.cluster.host")]
    [InlineData("node --role worker --seed-node 127.0.0.1:4053 --set cluster.tls.key=node.key", "needs all three of certificate, key and authority")]
    [InlineData("node --role worker --seed-node 127.0.0.1:4053 --set cluster.tls.key=node.key --set cluster.tls.certificate=node.crt --set cluster.tls.authority=ca.pem", "node.crt, where there is no file")]
    [InlineData("train cartpole --cluster hocon/cluster.conf --set cluster.roles=[worker]", "a node that has no learner is started with akkarl node")]
    [InlineData("train cartpole --seed-node 127.0.0.1:4053", "--seed-node needs --cluster")]
    [InlineData("train cartpole --cluster hocon/cluster.conf --set cluster.port=0 --overlay hocon/postgres.conf", "there is no connection string")]
    [InlineData("status", "Which cluster? Name one of its nodes with --seed-node host:port")]
    [InlineData("train cartpole --set telemetry.otlp-endpoint=nowhere", "akkarl.telemetry.otlp-endpoint is \"nowhere\"; it must be an address such as")]
    public Task What_no_cluster_could_use_is_refused_at_once(string arguments, string because) => AssertRefused(arguments, because);

    [Fact]
    public async Task A_seed_node_that_cannot_be_reached_is_looked_for_until_the_timeout()
    {
        var port = TestCluster.FreePort();

        await AssertRefused($"node --role worker --seed-node 127.0.0.1:{port} --port 0 --set cluster.join-timeout=200ms", $"within 0.2 s: 127.0.0.1:{port} cannot be reached (ConnectionRefused). Start the first node with akkarl train --cluster");
        await AssertRefused($"status --seed-node 127.0.0.1:{port}", $"No node answered: 127.0.0.1:{port} cannot be reached (ConnectionRefused).");
    }

    [Fact]
    public async Task A_port_in_use_is_refused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await AssertRefused($"node --role worker --seed-node 127.0.0.1:4053 --port {((IPEndPoint)listener.LocalEndpoint).Port}", "is in use. Stop what uses it, or choose another with --port");
    }

    [Fact]
    public async Task A_node_of_another_cluster_or_run_or_experiment_is_turned_away()
    {
        await using var cluster = new TestCluster();
        var seed = TestCluster.Settings();
        await cluster.StartAsync(seed, gate: Gate);
        var node = $"--role worker --seed-node 127.0.0.1:{seed.Port} --port 0";

        await AssertRefused($"node {node}", "This node is of the cluster \"test\", not \"akkarl\". Name a seed node of your own cluster, or set akkarl.cluster.name = test.");
        await AssertRefused($"node {node} --set cluster.name=test --set cluster.run-id=other", "This cluster trains the run \"run-1\", not \"other\".");
        await AssertRefused($"node acrobot {node} --set cluster.name=test", "The cluster trains with akkarl.environment = \"CartPole-v1\", and this node is told \"Acrobot-v1\": that is another experiment.");
    }

    [Fact]
    public async Task A_second_learner_is_turned_away_where_snapshots_are_in_SQLite()
    {
        await using var cluster = new TestCluster();
        var seed = TestCluster.Settings(null, ClusterRoles.Learner);
        await cluster.StartAsync(seed, gate: Gate);

        await AssertRefused($"node --role learner --seed-node 127.0.0.1:{seed.Port} --port 0 --set cluster.name=test --database Host=nowhere", "There is a learner, and no database that a second could go on from");
    }

    [Fact]
    public async Task A_node_of_another_version_is_turned_away()
    {
        await using var cluster = new TestCluster();
        var seed = TestCluster.Settings();
        await cluster.StartAsync(seed, gate: Gate);
        var old = new Actors.Protocol.Admission.RequestAdmission("test", "0.0.1", ["worker"], "", "127.0.0.1:1");

        var answer = await GateQuestion.AskAsync(seed, null, seed.Host, seed.Port, old, TimeSpan.FromSeconds(5));

        var reason = Assert.IsType<Actors.Protocol.Admission.TurnedAway>(answer).Reason;
        Assert.Equal($"This cluster runs AkkaRL {ClusterConfig.Version}, and the node has 0.0.1. Install the same version on all of its nodes.", reason);
    }

    [Fact]
    public async Task A_member_that_was_never_admitted_is_put_out()
    {
        await using var cluster = new TestCluster();
        var seed = TestCluster.Settings();
        await cluster.StartAsync(seed);
        var stranger = TestCluster.Settings() with { Name = "other" };

        var system = await cluster.StartAsync(stranger, seed: seed, gate: TestCluster.Gate with { Cluster = "other" });

        await system.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private async Task AssertRefused(string arguments, string because)
    {
        var exitCode = await akkarl.RunAsync(arguments);

        Assert.Contains(because, akkarl.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Equal("", akkarl.Output);
        Assert.Single(akkarl.Error.TrimEnd().Split('\n'));
        Assert.Empty(Directory.EnumerateFileSystemEntries(akkarl.Folder));
    }
}
