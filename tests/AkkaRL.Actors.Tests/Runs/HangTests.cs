using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>Time is real here, so a busy machine may see more stalls than there were: they are counted from below.</summary>
public class HangTests
{
    private static readonly RunSettings Settings = TinyRun.Settings with
    {
        Faults = TinyRun.Settings.Faults with { StallTimeout = TimeSpan.FromMilliseconds(200), Budget = 1000 },
    };

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task A_worker_whose_env_hangs_in_a_step_is_replaced(int workers, bool deterministic)
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total == 42 ? Fault.Hang : Fault.None };
        var summary = (await TinyRun.StartAsync(Settings with { Workers = workers, Deterministic = deterministic }, envs.Spec)).Summary;
        Assert.Equal((100, StopReasons.Completed), (summary.EnvironmentSteps, summary.StopReason));
        Assert.True(summary.Faults.Stalls >= 1);
    }

    [Fact]
    public async Task A_worker_whose_env_hangs_in_its_first_reset_is_replaced()
    {
        using var envs = new FaultyEnvs { OnReset = call => call.Total == 1 ? Fault.Hang : Fault.None };
        var summary = (await TinyRun.StartAsync(Settings, envs.Spec)).Summary;
        Assert.Equal((100, StopReasons.Completed), (summary.EnvironmentSteps, summary.StopReason));
        Assert.True(summary.Faults.Stalls >= 1);
    }

    [Fact]
    public async Task A_worker_that_comes_back_after_it_was_replaced_changes_nothing()
    {
        using var envs = new FaultyEnvs { OnStep = call => call.Total == 12 ? Fault.Hang : Fault.None };
        var summary = (await TinyRun.StartAsync(Settings with { TotalSteps = 5_000 }, envs.Spec, happened =>
        {
            if (happened is FaultReported { Kind: FaultKind.Stall })
                envs.Release();
        })).Summary;
        Assert.Equal((5_000, StopReasons.Completed), (summary.EnvironmentSteps, summary.StopReason));
    }
}
