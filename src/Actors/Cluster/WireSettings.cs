using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Cluster;

/// <summary>A run's settings as a learner sends them to its nodes: JSON of one known type, and what does not concern a node left out.</summary>
internal static class WireSettings
{
    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Writes them, without what is the learner's process's own: its addresses and the paths of its certificates are no node's business.</summary>
    public static string Write(RunSettings settings) =>
        JsonSerializer.Serialize(settings with { Cluster = new ClusterSettings(), Telemetry = new TelemetrySettings() }, Options);

    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidSettingsException">They are none.</exception>
    public static RunSettings Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<RunSettings>(json, Options) ?? throw new InvalidSettingsException("The learner sent no settings.");
        }
        catch (JsonException error)
        {
            throw new InvalidSettingsException($"The learner sent settings that this version does not read: {error.Message}");
        }
    }
}
