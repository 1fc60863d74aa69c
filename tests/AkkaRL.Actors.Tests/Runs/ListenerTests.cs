using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Runs;

public class ListenerTests
{
    private static readonly RunSettings Settings = TinyRun.Settings with
    {
        Workers = 2,
        TotalSteps = 205,
        Metrics = new MetricsSettings { IntervalSteps = 50 },
        Evaluation = new EvaluationSettings { IntervalSteps = 100, Episodes = 1, FinalEpisodes = 1 },
    };

    [Fact]
    public async Task A_listener_is_told_everything_in_order_from_the_start_to_the_end()
    {
        using var envs = new FaultyEnvs();
        var events = new List<RunEvent>();
        var result = await TinyRun.StartAsync(Settings, envs.Spec, events.Add);

        var started = Assert.IsType<RunStarted>(events[0]);
        Assert.Equal((Settings with { Environment = FaultyEnvs.Id }, "fused", result.Last.Parameters.Length), (started.Settings, started.Engine, started.ParameterCount));
        Assert.Same(result, Assert.IsType<RunFinished>(events[^1]).Result);
        Assert.Single(events.OfType<RunStarted>());
        Assert.Single(events.OfType<RunFinished>());

        var progress = events.OfType<ProgressReported>().ToArray();
        Assert.Equal([50, 100, 150, 200], progress[..^1].Select(report => report.GlobalStep / 50 * 50));
        Assert.Equal((205, result.Summary.Updates), (progress[^1].GlobalStep, progress[^1].Updates));
        Assert.Equal(progress.Select(report => report.WallSeconds).Order(), progress.Select(report => report.WallSeconds));
        Assert.All(progress, report => Assert.True(double.IsFinite(report.StepsPerSecond) && report.StepsPerSecond > 0));
        Assert.NotEmpty(events.OfType<EvaluationReported>());
    }

    [Fact]
    public async Task A_listener_that_throws_does_not_end_the_run()
    {
        using var envs = new FaultyEnvs();
        var summary = (await TinyRun.StartAsync(Settings, envs.Spec, _ => throw new InvalidOperationException("the disk is full"))).Summary;
        Assert.Equal((StopReasons.Completed, 205), (summary.StopReason, summary.EnvironmentSteps));
    }
}
