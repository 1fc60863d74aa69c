using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace AkkaRL.Benchmarks;

/// <summary>
/// How many times faster than the group's baseline, by minima; BenchmarkDotNet's own ratio is of means, and the other way round.
/// </summary>
internal sealed class SpeedUpColumn : IColumn
{
    public string Id => nameof(SpeedUpColumn);

    public string ColumnName => "Speed-up";

    public string Legend => "Min of the baseline / min";

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Baseline;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        var group = summary.GetLogicalGroupKey(benchmarkCase);
        var baseline = summary.BenchmarksCases.FirstOrDefault(
            other => summary.IsBaseline(other) && summary.GetLogicalGroupKey(other) == group);
        return baseline is not null && Fastest(baseline) is { } slow && Fastest(benchmarkCase) is { } fast ? $"{slow / fast:0.0}x" : "";

        double? Fastest(BenchmarkCase measured) => summary[measured]?.ResultStatistics?.Min;
    }

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(summary.IsBaseline);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
