using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;

namespace AkkaRL.Actors.Tests.Runs;

public class PoisonedGradientTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_reward_that_overflows_costs_its_gradient_and_nothing_else(int workers)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total % 31 == 0 ? Fault.RewardHuge : Fault.None };
        var (summary, last, _) = await TinyRun.StartAsync(TinyRun.Settings with { Workers = workers, TotalSteps = 300 }, envs.Spec);
        Assert.Equal((StopReasons.Completed, 300), (summary.StopReason, summary.EnvironmentSteps));
        // Two may fall into one rollout when a worker's thread has to wait in the middle of it, which one worker alone never does.
        Assert.InRange(summary.Faults.NonFiniteGradients, workers == 1 ? envs.Faults : 1, envs.Faults);
        Assert.Equal(summary.Faults.Total, summary.Faults.NonFiniteGradients);
        Assert.All(last.Parameters.ToArray(), parameter => Assert.True(float.IsFinite(parameter)));
    }

    [Fact]
    public async Task Rewards_that_always_overflow_end_the_run_by_the_fault_budget()
    {
        using var envs = new FaultyEnvs { OnStep = _ => Fault.RewardHuge };
        var settings = TinyRun.Settings with { Workers = 2, Faults = TinyRun.Settings.Faults with { Budget = 5 } };
        var summary = (await TinyRun.StartAsync(settings, envs.Spec)).Summary;
        Assert.Equal((StopReasons.Failed, 0, 0), (summary.StopReason, summary.EnvironmentSteps, summary.Updates));
        // The latest may be a refused gradient, or the guard that takes refusals of every worker for divergence.
        Assert.Contains("akkarl.faults.budget", summary.StopDetail, StringComparison.Ordinal);
        Assert.InRange(summary.Faults.NonFiniteGradients, 1, summary.Faults.Total);
    }
}
