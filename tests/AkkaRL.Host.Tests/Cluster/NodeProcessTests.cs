using System.Text.Json;
using AkkaRL.Actors.Cluster;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>What only nodes in processes of their own can show: certificates on both sides of a run, and who has a run when two want it.</summary>
public sealed class NodeProcessTests : IDisposable
{
    private const string Patient = "--set cluster.join-timeout=2m";

    private readonly Akkarl first = new(), second = new();
    private readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();
    private readonly int port = TestCluster.FreePort();
    private readonly TestAuthority ours, foreign;

    public NodeProcessTests() => (ours, foreign) = (new TestAuthority(first.Folder, "ours", now), new TestAuthority(first.Folder, "foreign", now));

    public void Dispose()
    {
        foreach (var part in (IDisposable[])[ours, foreign, first, second])
            part.Dispose();
    }

    [Fact]
    public async Task Two_processes_train_together_over_mutual_TLS()
    {
        using var learner = new NodeProcess(first, $"train cartpole --cluster {Config("learner", ours.Sign("first"))} --set cluster.port={port} --run-folder run --steps 40000 --set stop-when-solved=off --set snapshots.enabled=off --quiet");
        using var worker = new NodeProcess(second, $"node --cluster {Config("worker", ours.Sign("second"))} --seed-node 127.0.0.1:{port} --port 0 {Patient}");

        var (code, _, error) = await learner.EndAsync();
        Assert.True(code == ExitCodes.Success, error);
        Assert.DoesNotContain("Singleton", error, StringComparison.Ordinal);
        using var summary = JsonDocument.Parse(first.Read("run/summary.json"));
        Assert.Equal(40_000, summary.RootElement.GetProperty("environmentSteps").GetInt64());
        Assert.Equal(0, summary.RootElement.GetProperty("faults").GetProperty("lostNodes").GetInt32());
        var ended = await worker.EndAsync();
        Assert.Equal(ExitCodes.Success, ended.ExitCode);
        Assert.DoesNotContain("Singleton", ended.Error, StringComparison.Ordinal);
        Assert.Contains("The run is over: completed.", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_with_a_certificate_of_another_authority_or_with_none_does_not_get_in()
    {
        using var learner = new NodeProcess(first, $"train cartpole --cluster {Config("learner", ours.Sign("first"))} --set cluster.port={port} --run-folder run --steps 1e9 --quiet");
        await UntilAnswersAsync(learner, Config("worker", ours.Sign("asker")));

        var refused = await second.RunAsync($"node --cluster {Config("worker", foreign.Sign("stranger"))} --seed-node 127.0.0.1:{port} --port 0 --set cluster.join-timeout=1s");
        Assert.Equal(ExitCodes.BadInput, refused);
        Assert.Contains($"127.0.0.1:{port} cannot be reached, or has no certificate of the same authority. Start the first node", second.Error, StringComparison.Ordinal);
        refused = await second.RunAsync($"node --role worker --seed-node 127.0.0.1:{port} --port 0 --set cluster.join-timeout=1s");
        Assert.Equal(ExitCodes.BadInput, refused);
        Assert.Contains($"127.0.0.1:{port} does not answer as a node without certificates would", second.Error, StringComparison.Ordinal);
        await learner.RequireRunningAsync();
    }

    [Theory]
    [InlineData("train cartpole --run-folder run")]
    [InlineData("node --seed-node 127.0.0.1:4053 --port 0")]
    public async Task An_expired_certificate_is_refused_at_once(string command)
    {
        var exitCode = await second.RunAsync($"{command} --cluster {Config("learner", ours.Sign("old", -20, -10))} --database Host=nowhere");

        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Contains("expired at", second.Error, StringComparison.Ordinal);
        Assert.Single(second.Error.TrimEnd().Split('\n'));
        Assert.False(second.Has("run"));
    }

    /// <summary>Each in a cluster of its own, as the two halves of a network are where each takes the other for dead.</summary>
    [PostgresFact]
    public async Task A_learner_whose_run_another_process_has_taken_over_ends_with_the_exit_code_of_who_was_put_out()
    {
        var (database, run) = (("AKKARL_DATABASE", PostgresFactAttribute.Connection), $"test-{Guid.NewGuid():N}");
        const string Train = "train cartpole --overlay hocon/postgres.conf --cluster hocon/cluster.conf --run-folder run --steps 1e12 --set stop-when-solved=off --set snapshots.interval-time=300ms";
        using var owner = new NodeProcess(first, $"{Train} --set cluster.port={port} --set cluster.run-id={run}", database);
        await owner.UntilSaysAsync("snapshot at"); // it has the run
        using var successor = new NodeProcess(second, $"{Train} --set cluster.port={TestCluster.FreePort()} --set cluster.run-id={run}", database);

        var ended = await owner.EndAsync();
        Assert.Equal(ExitCodes.PutOut, ended.ExitCode);
        Assert.Contains("Another process owns this run", ended.Error, StringComparison.Ordinal);
        await successor.RequireRunningAsync();
    }

    private async Task UntilAnswersAsync(NodeProcess node, string config)
    {
        while (await second.RunAsync($"status --cluster {config} --seed-node 127.0.0.1:{port}") != ExitCodes.Success)
            await node.RequireRunningAsync();
    }

    private string Config(string role, TlsSettings tls) => first.Write(
        $"{Guid.NewGuid():N}.conf",
        $"akkarl.cluster {{ roles = [{role}], tls {{ certificate = \"{tls.Certificate}\", key = \"{tls.Key}\", authority = \"{tls.Authority}\" }} }}");
}
