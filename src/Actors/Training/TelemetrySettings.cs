using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace AkkaRL.Actors.Training;

/// <summary>Who else may look at this process. Nothing of it is loaded while it is off.</summary>
public sealed record TelemetrySettings
{
    /// <summary>The address of the HTTP port.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port of <c>/live</c>, <c>/ready</c> and <c>/metrics</c>; 0 for none.</summary>
    [Range(0, 65535)]
    public int Port { get; init; }

    /// <summary>Where metrics are sent by OTLP; empty for nowhere.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>Time between two sendings by OTLP.</summary>
    public TimeSpan OtlpInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether anyone may read a run's figures.</summary>
    [JsonIgnore]
    public bool IsOn => Port > 0 || OtlpEndpoint != "";

    internal static void Require(TelemetrySettings settings)
    {
        if (settings.OtlpEndpoint != "" && !(Uri.TryCreate(settings.OtlpEndpoint, UriKind.Absolute, out var endpoint) && endpoint.Scheme is ("http" or "https")))
            throw new InvalidSettingsException($"akkarl.telemetry.otlp-endpoint is \"{settings.OtlpEndpoint}\"; it must be an address such as \"http://localhost:4317\".");
        if (settings.Host == "")
            throw new InvalidSettingsException("akkarl.telemetry.host is empty; say which address to listen on, such as 127.0.0.1.");
    }
}
