using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Telemetry;
using AkkaRL.Host.Tests.Cluster;

namespace AkkaRL.Host.Tests.Telemetry;

public sealed class TelemetryTests
{
    private static readonly ProgressReported Row = new(
        12_345, 617, 2, 6_172.5, 40, 123.5, 60, 0.1, 0.2, 0.3, 0.4, 1e-3, new PolicyLagRange(0, 1.25, 7), new FaultCounts(EnvironmentFaults: 2));

    [Fact]
    public async Task A_run_with_a_port_shows_its_figures_and_its_health()
    {
        using var akkarl = new Akkarl();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{TestCluster.FreePort()}") };
        var run = akkarl.RunAsync($"train cartpole --run-folder run --steps 1e12 --quiet --set stop-when-solved=off --set telemetry.port={client.BaseAddress.Port}");

        double steps;
        do
            steps = Figures(await GetWhenOpenAsync(client, "/metrics", run)).GetValueOrDefault("akkarl_env_steps_total{algorithm=\"a3c\",env=\"CartPole-v1\"}");
        while (steps == 0);
        Assert.Equal("ok\n", await client.GetStringAsync("/live"));
        Assert.Equal("ok\n", await client.GetStringAsync("/ready"));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/etc/passwd")).StatusCode);
        Assert.Equal(2, Figures(await client.GetStringAsync("/metrics"))["akkarl_workers{algorithm=\"a3c\",env=\"CartPole-v1\"}"]);

        akkarl.InterruptAfter(TimeSpan.Zero);
        Assert.Equal(ExitCodes.Interrupted, await run);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/live"));
    }

    [Fact]
    public void Every_figure_of_a_row_is_shown()
    {
        using var text = new PrometheusText();
        using var meters = new RunMeters(new RunSettings { Workers = 3 });
        Assert.Equal(["akkarl_evaluations_total", "akkarl_faults_total", "akkarl_incarnation", "akkarl_workers"], Names(text.Scrape()));

        meters.Tell(new RunResumed(0, 0, 4, true, 0, 0, []));
        meters.Tell(Row);
        meters.Tell(new SnapshotSaved(12_000, 1, 0.1, 0.001));

        var figures = Figures(text.Scrape()).ToDictionary(figure => figure.Key[..figure.Key.IndexOf('{', StringComparison.Ordinal)], figure => figure.Value);
        Assert.Equal(12_345, figures["akkarl_env_steps_total"]);
        Assert.Equal(617, figures["akkarl_updates_total"]);
        Assert.Equal(40, figures["akkarl_episodes_total"]);
        Assert.Equal(2, figures["akkarl_faults_total"]);
        Assert.Equal(6_172.5, figures["akkarl_env_steps_per_second"]);
        Assert.Equal(123.5, figures["akkarl_mean_return"]);
        Assert.Equal((1.25, 7), (figures["akkarl_policy_lag_mean"], figures["akkarl_policy_lag_maximum"]));
        Assert.Equal((3, 4, 12_000), (figures["akkarl_workers"], figures["akkarl_incarnation"], figures["akkarl_snapshot_step"]));
    }

    [Fact]
    public void Names_texts_and_numbers_are_written_as_Prometheus_reads_them()
    {
        using var text = new PrometheusText();
        using var meter = new Meter(RunMeters.Name);
        meter.CreateObservableGauge("akkarl.test", () => new Measurement<double>(double.NaN, new KeyValuePair<string, object?>("env", "a \"b\" \\ c")), description: "one\nline");
        meter.CreateObservableCounter("akkarl.counted", () => 1L);

        Assert.Equal(
            """
            # HELP akkarl_counted_total
            # TYPE akkarl_counted_total counter
            akkarl_counted_total 1
            # HELP akkarl_test one\nline
            # TYPE akkarl_test gauge
            akkarl_test{env="a \"b\" \\ c"} NaN

            """,
            text.Scrape().Replace("# HELP akkarl_counted_total \n", "# HELP akkarl_counted_total\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_says_why_it_is_bad()
    {
        var settings = new TelemetrySettings { Port = TestCluster.FreePort() };
        using var port = TelemetryPort.Open(settings, () => null, () => "not yet");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{settings.Port}") };

        using var answer = await client.GetAsync("/ready");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not yet\n"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal("ok\n", await client.GetStringAsync("/live"));
    }

    [Fact]
    public async Task A_port_in_use_is_refused_and_nothing_is_left_behind()
    {
        using var akkarl = new Akkarl();
        var settings = new TelemetrySettings { Port = TestCluster.FreePort() };
        using var port = TelemetryPort.Open(settings, () => null, () => null);

        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync($"train cartpole --set telemetry.port={settings.Port}"));

        Assert.Contains($"akkarl.telemetry cannot listen on 127.0.0.1:{settings.Port}", akkarl.Error, StringComparison.Ordinal);
        Assert.False(akkarl.Has("runs"));
    }

    [Fact]
    public async Task Figures_are_sent_by_OTLP()
    {
        using var collector = new HttpListener();
        var endpoint = $"http://127.0.0.1:{TestCluster.FreePort()}/v1/metrics";
        collector.Prefixes.Add(endpoint + "/");
        collector.Start();
        var received = ReceiveAsync(collector, "akkarl.workers");
        using (var meters = new RunMeters(new RunSettings()))
        using (OtlpSender.Start(new TelemetrySettings { OtlpEndpoint = endpoint, OtlpInterval = TimeSpan.FromMilliseconds(100) }))
        {
            meters.Tell(Row);
            var text = await received.WaitAsync(TimeSpan.FromSeconds(20));

            Assert.Contains("CartPole-v1", text, StringComparison.Ordinal);
        }
    }

    /// <summary>The first message that holds a figure: messages come at an interval.</summary>
    private static async Task<string> ReceiveAsync(HttpListener collector, string figure)
    {
        while (true)
        {
            var request = await collector.GetContextAsync();
            using var reader = new StreamReader(request.Request.InputStream);
            var text = await reader.ReadToEndAsync();
            request.Response.Close();
            if (text.Contains(figure, StringComparison.Ordinal))
                return text;
        }
    }

    /// <summary>The port opens while the run starts.</summary>
    private static async Task<string> GetWhenOpenAsync(HttpClient client, string path, Task<int> run)
    {
        while (true)
        {
            Assert.False(run.IsCompleted, "The run has ended.");
            try
            {
                return await client.GetStringAsync(path);
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }
    }

    private static Dictionary<string, double> Figures(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => !line.StartsWith('#'))
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private static IEnumerable<string> Names(string text) => Figures(text).Keys.Select(key => key[..key.IndexOf('{', StringComparison.Ordinal)]);
}
