using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace AkkaRL.Benchmarks;

/// <summary>Short runs in this process, so that the whole program ends in a few minutes; options on the command line override it.</summary>
internal sealed class BriefConfig : ManualConfig
{
    public BriefConfig()
    {
        // Many iterations, shorter than an operating system's time slice, and the fastest of them: on a machine shared with others, the
        // mean of a few long ones measures the neighbours. The warm-up is long enough for the runtime's second, optimizing compilation.
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(400)
            .WithIterationCount(200)
            .WithIterationTime(TimeInterval.FromMilliseconds(2))
            .AsDefault());
        AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Metrics);
        AddColumn(StatisticColumn.Min, StatisticColumn.Median, new SpeedUpColumn());
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared, MethodOrderPolicy.Declared));
        WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(40));
        WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "BenchmarkDotNet.Artifacts"));
        WithOptions(ConfigOptions.DisableLogFile);
    }
}
