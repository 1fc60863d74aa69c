using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Runs;

public class CompletionTests
{
    [Theory]
    [InlineData(1, 5, 100, false)]
    [InlineData(2, 5, 103, false)]
    [InlineData(3, 7, 101, true)]
    [InlineData(4, 20, 33, false)]
    [InlineData(3, 5, 1, true)]
    [InlineData(2, 4096, 50, false)]
    public async Task A_run_applies_exactly_its_total_steps(int workers, int rolloutSteps, long totalSteps, bool deterministic)
    {
        using var envs = new FaultyEnvs();
        var settings = TinyRun.Settings with { Workers = workers, TotalSteps = totalSteps, Deterministic = deterministic, A3C = new() { RolloutSteps = rolloutSteps } };
        var summary = (await TinyRun.StartAsync(settings, envs.Spec)).Summary;
        Assert.Equal((totalSteps, StopReasons.Completed), (summary.EnvironmentSteps, summary.StopReason));
        Assert.InRange(summary.Updates, 1, totalSteps);
        Assert.Equal(new FaultCounts(), summary.Faults);
        Assert.Null(summary.Evaluation);
    }

    [Fact]
    public async Task A_run_ends_with_evaluations_of_the_last_and_the_best_policy()
    {
        var settings = TinyRun.Settings with
        {
            Workers = 2,
            TotalSteps = 600,
            Evaluation = new EvaluationSettings { IntervalSteps = 200, Episodes = 2, FinalEpisodes = 3 },
        };
        var (summary, last, best) = await TinyRun.StartAsync(settings, TinyRun.CartPole);
        Assert.Equal((3, 3), (summary.Evaluation!.Episodes, summary.BestEvaluation!.Episodes));
        Assert.Equal(("a3c", "CartPole-v1", "fused"), (summary.Algorithm, summary.Environment, summary.Engine));
        Assert.Equal(best.Parameters.Length, last.Parameters.Length);
        last.Dispose();
        best.Dispose();
    }

    [Fact]
    public async Task A_run_that_reaches_the_mark_three_times_in_a_row_ends_solved()
    {
        using var envs = new FaultyEnvs { SolvedAt = 7 };
        var settings = TinyRun.Settings with { Workers = 2, TotalSteps = 1_000_000, Evaluation = new() { IntervalSteps = 10, Episodes = 1, FinalEpisodes = 1 } };
        var (summary, last, best) = await TinyRun.StartAsync(settings, envs.Spec);
        Assert.Equal(StopReasons.Solved, summary.StopReason);
        Assert.InRange(summary.SolvedAtStep!.Value, 10, 19);
        Assert.InRange(summary.EnvironmentSteps, 30, 999_999);
        Assert.Equal(best.Parameters.ToArray(), last.Parameters.ToArray());
        Assert.Equal(7, summary.Evaluation!.Mean);
    }

    [Fact]
    public async Task Every_env_of_a_run_is_disposed_of()
    {
        // Env 2 fails in the first reset of its worker, whose actor then never starts; env 3 in a later one.
        using var envs = new FaultyEnvs { OnReset = call => call is { Env: 2 } or { Env: 3, Number: 4 } ? Fault.Throw : Fault.None };
        var settings = TinyRun.Settings with { Evaluation = new() { IntervalSteps = 60, Episodes = 1, FinalEpisodes = 1 } };
        var summary = (await TinyRun.StartAsync(settings, envs.Spec)).Summary;
        Assert.Equal(2, summary.Faults.Total);
        Assert.Equal(envs.Made, envs.Disposed);
    }
}
