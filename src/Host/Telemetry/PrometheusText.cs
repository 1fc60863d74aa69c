using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace AkkaRL.Host.Telemetry;

/// <summary>Writes the meter's instruments as Prometheus reads them: text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/.</summary>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener listener = new();
    private readonly Lock reading = new();
    private readonly Dictionary<Instrument, List<string>> samples = [];

    public PrometheusText()
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            // Only figures that are asked for: they cost nothing between two scrapes.
            if (instrument.Meter.Name == RunMeters.Name && instrument.IsObservable)
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    /// <summary>What the instruments say now.</summary>
    public string Scrape()
    {
        lock (reading)
        {
            samples.Clear();
            listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var (instrument, lines) in samples.OrderBy(sample => sample.Key.Name, StringComparer.Ordinal))
            {
                var name = NameOf(instrument);
                text.Append("# HELP ").Append(name).Append(' ').Append(Escape(instrument.Description ?? "")).Append('\n');
                text.Append("# TYPE ").Append(name).Append(IsCounter(instrument) ? " counter\n" : " gauge\n");
                foreach (var line in lines)
                    text.Append(name).Append(line).Append('\n');
            }
            return text.ToString();
        }
    }

    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>();
        foreach (var (key, label) in tags)
            labels.Add($"{key}=\"{Escape(Convert.ToString(label, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        if (!samples.TryGetValue(instrument, out var lines))
            samples.Add(instrument, lines = []);
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{(labels.Count == 0 ? "" : $"{{{string.Join(',', labels)}}}")} {Number(value)}"));
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string NameOf(Instrument instrument) => instrument.Name.Replace('.', '_') + (IsCounter(instrument) ? "_total" : "");

    private static bool IsCounter(Instrument instrument) => instrument is ObservableCounter<long> or ObservableCounter<double>;

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
