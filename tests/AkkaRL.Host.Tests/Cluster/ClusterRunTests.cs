using System.Globalization;
using System.Text.Json;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>The three commands of docs/cluster.md, by the command line.</summary>
public sealed class ClusterRunTests
{
    private const string Endless = "--steps 1e12 --set stop-when-solved=off --quiet";

    [Fact]
    public async Task A_worker_node_works_for_the_learners_and_the_status_shows_it()
    {
        using Akkarl first = new(), second = new(), third = new();
        var (port, health) = (TestCluster.FreePort(), TestCluster.FreePort());
        var learner = first.RunAsync($"train cartpole --cluster hocon/cluster.conf --set cluster.port={port} --set cluster.roles=[learner] --run-folder run {Endless}");
        var worker = second.RunAsync($"node cartpole --role worker --seed-node 127.0.0.1:{port} --port 0 --workers 2 --quiet --set telemetry.port={health}");

        var member = await UntilAsync(third, port, learner, worker, (_, member) => member.GetProperty("stepsPerSecond") is { ValueKind: JsonValueKind.Number } rate && rate.GetDouble() > 0);

        Assert.Equal(("up", 2), (member.GetProperty("state").GetString(), member.GetProperty("workers").GetInt32()));
        Assert.Equal(["worker"], member.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        // Its gate has never been asked, and knows the learner all the same.
        Assert.Equal(ExitCodes.Success, await third.RunAsync($"status --seed-node {member.GetProperty("address").GetString()}"));
        Assert.Contains("life 1 of the learner", third.Output, StringComparison.Ordinal);
        using var client = new HttpClient();
        Assert.Equal("ok\n", await client.GetStringAsync($"http://127.0.0.1:{health}/ready"));
        var metrics = await client.GetStringAsync($"http://127.0.0.1:{health}/metrics");
        Assert.Equal((2, 1, 0), (Figure(metrics, "akkarl_node_workers"), Figure(metrics, "akkarl_node_links_total"), Figure(metrics, "akkarl_node_rollouts_lost_total")));
        Assert.True(Figure(metrics, "akkarl_node_env_steps_total") > 0 && Figure(metrics, "akkarl_node_messages_total") > 0 && Figure(metrics, "akkarl_node_episodes_total") > 0);
        Assert.True(Figure(metrics, "akkarl_node_sent_bytes_total") > 0 && Figure(metrics, "akkarl_node_taken_bytes_total") > 0);
        Assert.Equal(ExitCodes.Success, await third.RunAsync($"status --seed-node 127.0.0.1:{port}"));
        Assert.Contains("a3c on CartPole-v1, run run-", third.Output, StringComparison.Ordinal);

        first.InterruptAfter(TimeSpan.Zero);
        Assert.Equal((ExitCodes.Interrupted, ExitCodes.PutOut), (await learner, await worker));
        Assert.Contains("The run was stopped where its learner was.", second.Error, StringComparison.Ordinal);
        Assert.True(first.Has("run/summary.json"));
    }

    [Fact]
    public async Task A_run_that_is_finished_ends_all_its_nodes()
    {
        using Akkarl first = new(), second = new(), third = new();
        var port = TestCluster.FreePort();
        var learner = first.RunAsync($"train cartpole-ppo --cluster hocon/cluster.conf --set cluster.port={port} --run-folder run --steps 60000 --set stop-when-solved=off --set evaluation.interval-steps=0 --set evaluation.final-episodes=0 --quiet");
        var worker = second.RunAsync($"node --role worker --seed-node 127.0.0.1:{port} --port 0 --quiet");
        var witness = third.RunAsync($"node --role witness --seed-node 127.0.0.1:{port} --port 0 --quiet");

        Assert.Equal((ExitCodes.Success, ""), (await learner, first.Error));
        using var summary = JsonDocument.Parse(first.Read("run/summary.json"));
        Assert.Equal("completed", summary.RootElement.GetProperty("stopReason").GetString());
        Assert.Equal(60_000, summary.RootElement.GetProperty("environmentSteps").GetInt64());
        Assert.Equal((ExitCodes.Success, ExitCodes.Success), (await worker, await witness));
    }

    private static double Figure(string metrics, string name) =>
        double.Parse(metrics.Split('\n').Single(line => line.StartsWith($"{name}{{node=", StringComparison.Ordinal)).Split(' ')[^1], CultureInfo.InvariantCulture);

    /// <summary>The first member with workers that is as wanted.</summary>
    private static async Task<JsonElement> UntilAsync(Akkarl asker, int port, Task<int> learner, Task<int> worker, Func<JsonElement, JsonElement, bool> isWanted)
    {
        while (true)
        {
            Assert.False(learner.IsCompleted || worker.IsCompleted, "A node has ended.");
            if (await asker.RunAsync($"status --json --seed-node 127.0.0.1:{port}") != ExitCodes.Success)
                continue;
            var status = JsonDocument.Parse(asker.Output).RootElement;
            foreach (var member in status.GetProperty("members").EnumerateArray())
                if (member.GetProperty("workers").ValueKind == JsonValueKind.Number && isWanted(status, member))
                    return member;
        }
    }
}
