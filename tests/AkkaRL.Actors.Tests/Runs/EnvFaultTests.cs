using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Runs;

public class EnvFaultTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task An_env_that_throws_now_and_then_costs_only_the_open_rollouts(int workers, bool deterministic)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total % 23 == 0 ? Fault.Throw : Fault.None };
        var faults = new List<FaultReported>();
        var summary = await RunAsync(envs, TinyRun.Settings with { Workers = workers, TotalSteps = 300, Deterministic = deterministic }, faults);
        Assert.Equal((StopReasons.Completed, 300), (summary.StopReason, summary.EnvironmentSteps));
        Assert.InRange(envs.Faults, 300 / 23, 40);
        Assert.Equal(new FaultCounts(EnvironmentFaults: envs.Faults), summary.Faults);
        Assert.Equal(envs.Faults, faults.Count);
        Assert.All(faults, fault => Assert.Contains($"The env {FaultyEnvs.Id} failed in Step: the simulator broke", fault.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Fault.WriteNaN, "observation[0] was not written or is NaN")]
    [InlineData(Fault.WriteInfinity, "observation[0] is Infinity")]
    [InlineData(Fault.WriteTooLittle, "observation[1] was not written or is NaN")]
    [InlineData(Fault.WriteTooMuch, "the observation takes 2 floats")]
    [InlineData(Fault.RewardNaN, "the reward is NaN")]
    public async Task What_an_env_may_not_return_is_a_fault_that_says_what_it_was(Fault fault, string message)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total == 42 ? fault : Fault.None };
        var faults = new List<FaultReported>();
        var summary = await RunAsync(envs, TinyRun.Settings, faults);
        Assert.Equal((100, new FaultCounts(EnvironmentFaults: 1)), (summary.EnvironmentSteps, summary.Faults));
        var report = Assert.Single(faults);
        Assert.Equal((0, FaultKind.Environment), (report.Worker, report.Kind));
        Assert.Contains(message, report.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Fault.Throw, "failed in Reset: the simulator broke")]
    [InlineData(Fault.WriteNaN, "failed in Reset: observation[0]")]
    public async Task An_env_that_fails_in_every_reset_ends_the_run_by_the_fault_budget(Fault fault, string message)
    {
        using var envs = new FaultyEnvs { OnReset = _ => fault };
        var summary = await RunAsync(envs, WithBudget(10));
        AssertFailed(summary, message);
        Assert.Equal((0, 11), (summary.EnvironmentSteps, summary.Faults.EnvironmentFaults));
    }

    [Fact]
    public async Task An_env_that_fails_in_every_step_ends_the_run_by_the_fault_budget()
    {
        using var envs = new FaultyEnvs { OnStep = _ => Fault.WriteTooMuch };
        AssertFailed(await RunAsync(envs, WithBudget(10) with { Workers = 3 }), "failed in Step");
    }

    [Fact]
    public async Task An_env_that_cannot_be_made_any_more_ends_the_run_by_the_fault_budget()
    {
        using var envs = new FaultyEnvs { OnMake = call => call.Env > 1 ? Fault.Throw : Fault.None };
        AssertFailed(await RunAsync(envs, WithBudget(10)), "failed in Create: the simulator broke");
    }

    [Fact]
    public async Task A_reset_that_throws_after_a_rollout_does_not_lose_the_rollout()
    {
        using var envs = new FaultyEnvs { OnReset = call => call.Number == 2 ? Fault.Throw : Fault.None };
        var summary = await RunAsync(envs, TinyRun.Settings with { TotalSteps = 70 });
        Assert.Equal((70, StopReasons.Completed), (summary.EnvironmentSteps, summary.StopReason));
        Assert.InRange(summary.Faults.EnvironmentFaults, 9, 10); // the tenth episode's reset may come after the end
    }

    private static RunSettings WithBudget(int budget) => TinyRun.Settings with { Faults = TinyRun.Settings.Faults with { Budget = budget } };

    private static void AssertFailed(RunSummary summary, string message)
    {
        Assert.Equal(StopReasons.Failed, summary.StopReason);
        Assert.Contains(FaultyEnvs.Id, summary.StopDetail, StringComparison.Ordinal);
        Assert.Contains(message, summary.StopDetail, StringComparison.Ordinal);
        Assert.Contains("akkarl.faults.budget (10)", summary.StopDetail, StringComparison.Ordinal);
    }

    private static async Task<RunSummary> RunAsync(FaultyEnvs envs, RunSettings settings, List<FaultReported>? faults = null) =>
        (await TinyRun.StartAsync(settings, envs.Spec, happened =>
        {
            if (happened is FaultReported fault)
                faults?.Add(fault);
        })).Summary;
}
