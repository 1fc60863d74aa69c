using System.Net;
using System.Text;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Telemetry;

/// <summary>A port for orchestrators and Prometheus: <c>/live</c>, <c>/ready</c> and <c>/metrics</c> over plain HTTP, read only.</summary>
internal sealed class TelemetryPort : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly PrometheusText metrics = new();
    private readonly Func<string?> notReady;
    private readonly Func<string?> notAlive;

    private TelemetryPort(Func<string?> notAlive, Func<string?> notReady) => (this.notAlive, this.notReady) = (notAlive, notReady);

    /// <summary>Listens until it is disposed.</summary>
    /// <param name="settings">Where.</param>
    /// <param name="notAlive">Why this process should be started again; null when it should not.</param>
    /// <param name="notReady">What it still waits for; null when it does its work.</param>
    /// <exception cref="BadInputException">The port is in use.</exception>
    public static TelemetryPort Open(TelemetrySettings settings, Func<string?> notAlive, Func<string?> notReady)
    {
        var port = new TelemetryPort(notAlive, notReady);
        // All addresses are written '+' here.
        var host = settings.Host is "0.0.0.0" or "::" ? "+" : settings.Host.Contains(':', StringComparison.Ordinal) ? $"[{settings.Host}]" : settings.Host;
        try
        {
            port.listener.Prefixes.Add($"http://{host}:{settings.Port}/");
            port.listener.Start();
        }
        catch (Exception error) when (error is HttpListenerException or ArgumentException)
        {
            port.Dispose();
            throw new BadInputException($"akkarl.telemetry cannot listen on {settings.Host}:{settings.Port}: {error.Message} Choose another akkarl.telemetry.port, or an address of this machine.");
        }
        _ = port.ServeAsync();
        return port;
    }

    public void Dispose()
    {
        listener.Close();
        metrics.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext request;
            try
            {
                request = await listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (!listener.IsListening)
                    return;
                continue;
            }
            try
            {
                await AnswerAsync(request);
            }
            catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException)
            {
                // Whoever asked has gone; the next one may not have.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext request)
    {
        var (status, type, text) = request.Request.Url?.AbsolutePath switch
        {
            "/live" => Health(notAlive()),
            "/ready" => Health(notReady()),
            "/metrics" => (200, PrometheusText.ContentType, metrics.Scrape()),
            _ => (404, "text/plain", "There are /live, /ready and /metrics.\n"),
        };
        using var response = request.Response;
        var bytes = Encoding.UTF8.GetBytes(text);
        (response.StatusCode, response.ContentType, response.ContentLength64) = (status, type, bytes.Length);
        if (request.Request.HttpMethod != "HEAD")
            await response.OutputStream.WriteAsync(bytes);
    }

    private static (int Status, string Type, string Text) Health(string? objection) =>
        objection is null ? (200, "text/plain", "ok\n") : (503, "text/plain", objection + "\n");
}
