using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Runs;

public class CancellationTests
{
    private static readonly RunSettings Endless = TinyRun.Settings with
    {
        Workers = 2,
        TotalSteps = long.MaxValue,
        Metrics = new MetricsSettings { IntervalSteps = 100 },
        Evaluation = new EvaluationSettings { IntervalSteps = 1_000_000_000, FinalEpisodes = 100 },
    };

    [Fact]
    public async Task A_run_that_is_cancelled_stops_with_a_summary_and_without_final_evaluations()
    {
        using var envs = new FaultyEnvs();
        using var stop = new CancellationTokenSource();
        var reported = 0L;
        var summary = (await TinyRun.StartAsync(Endless, envs.Spec, StopAtFirstProgress, stop.Token)).Summary;
        Assert.Equal((StopReasons.Stopped, null), (summary.StopReason, summary.StopDetail));
        Assert.Null(summary.Evaluation);
        Assert.True(summary.EnvironmentSteps >= 100);
        Assert.Equal(summary.EnvironmentSteps, reported);

        void StopAtFirstProgress(RunEvent happened)
        {
            if (happened is not ProgressReported progress)
                return;
            reported = progress.GlobalStep;
            stop.Cancel();
        }
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_it_starts_stops_too()
    {
        using var envs = new FaultyEnvs();
        var summary = (await TinyRun.StartAsync(Endless, envs.Spec, stop: new CancellationToken(canceled: true))).Summary;
        Assert.Equal(StopReasons.Stopped, summary.StopReason);
    }

    [Fact]
    public async Task A_run_whose_env_hangs_can_be_cancelled()
    {
        using var envs = new FaultyEnvs { EpisodeSteps = 100, OnStep = call => call.Number == 20 ? Fault.Hang : Fault.None };
        using var stop = new CancellationTokenSource();
        var settings = Endless with { Workers = 1, Metrics = new MetricsSettings { IntervalSteps = 15 } };
        var summary = (await TinyRun.StartAsync(settings, envs.Spec, happened =>
        {
            if (happened is ProgressReported)
                stop.Cancel();
        }, stop.Token)).Summary;
        Assert.Equal((StopReasons.Stopped, 15), (summary.StopReason, summary.EnvironmentSteps));
    }
}
