using System.Runtime.CompilerServices;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Telemetry;

/// <summary>What others may see of this process, as its settings say.</summary>
internal sealed class ProcessTelemetry : IDisposable
{
    private readonly List<IDisposable> parts = [];

    private ProcessTelemetry()
    {
    }

    /// <summary>Starts what is on; costs nothing when nothing is.</summary>
    /// <param name="settings">What is on.</param>
    /// <param name="notAlive">Why this process should be started again; null when it should not.</param>
    /// <param name="notReady">What it still waits for; null when it does its work.</param>
    public static ProcessTelemetry Start(TelemetrySettings settings, Func<string?> notAlive, Func<string?> notReady)
    {
        var telemetry = new ProcessTelemetry();
        if (settings.Port > 0)
            telemetry.Open(settings, notAlive, notReady);
        if (settings.OtlpEndpoint != "")
            telemetry.Send(settings);
        return telemetry;
    }

    public void Dispose()
    {
        foreach (var part in parts)
            part.Dispose();
    }

    /// <summary>Apart, so that nothing of HTTP is loaded where there is no port.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Open(TelemetrySettings settings, Func<string?> notAlive, Func<string?> notReady) => parts.Add(TelemetryPort.Open(settings, notAlive, notReady));

    /// <summary>Apart, so that OpenTelemetry is loaded only where it sends.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Send(TelemetrySettings settings) => parts.Add(OtlpSender.Start(settings));
}
