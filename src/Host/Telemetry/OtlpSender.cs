using AkkaRL.Actors.Training;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace AkkaRL.Host.Telemetry;

/// <summary>Sends the meter's figures by OTLP. The only file that knows OpenTelemetry.</summary>
internal static class OtlpSender
{
    /// <summary>Sends until it is disposed, then once more.</summary>
    /// <param name="settings">Where to, and how often. A path after the port means HTTP with Protobuf, none gRPC.</param>
    public static IDisposable Start(TelemetrySettings settings)
    {
        var endpoint = new Uri(settings.OtlpEndpoint);
        return Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("akkarl"))
            .AddMeter(RunMeters.Name)
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = endpoint;
                exporter.Protocol = endpoint.AbsolutePath == "/" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.OtlpInterval.TotalMilliseconds;
            })
            .Build();
    }
}
