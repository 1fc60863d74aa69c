using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>What workers' policies remember is part of an exact resume.</summary>
public class RecurrentResumeTests
{
    private static readonly RunSettings Settings = KeptRun.Settings with
    {
        TotalSteps = 1_500,
        Network = new NetworkSettings { Hidden = [4], Recurrent = RecurrentKind.LSTM, RecurrentUnits = 3 },
    };

    [Theory]
    [InlineData("a3c", 301)]
    [InlineData("a3c", 907)]
    [InlineData("ppo", 907)]
    public async Task A_stopped_deterministic_run_with_a_memory_ends_as_if_it_had_not_been_stopped(string algorithm, int atStep)
    {
        var settings = Settings with { Algorithm = algorithm };
        using var whole = new KeptRun();
        var expected = (await whole.StartAsync(settings)).ParametersSha256;

        using var stop = new CancellationTokenSource();
        using var run = new KeptRun { OnStep = step => { if (step == atStep) stop.Cancel(); } };
        var stopped = await run.StartAsync(settings, stop: stop.Token);
        Assert.Equal(StopReasons.Stopped, stopped.StopReason);
        var resumed = await run.StartAsync(settings, resume: true);

        Assert.Equal((expected, 1_500, true), (resumed.ParametersSha256, resumed.EnvironmentSteps, resumed.Snapshots.ResumedExactly));
    }
}
