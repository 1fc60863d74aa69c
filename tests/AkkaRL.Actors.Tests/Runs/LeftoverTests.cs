using System.Diagnostics;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Tests.Kit;

namespace AkkaRL.Actors.Tests.Runs;

public class LeftoverTests() : TestKit(KitConfig.Patient)
{
    [Fact]
    public async Task Runs_leave_no_threads_behind()
    {
        using var envs = new FaultyEnvs();
        var settings = TinyRun.Settings with { Workers = 4, Evaluation = new() { IntervalSteps = 50, Episodes = 1, FinalEpisodes = 1 } };
        await TinyRun.StartAsync(settings, envs.Spec);
        var before = Threads();
        for (var run = 0; run < 6; run++)
            await TinyRun.StartAsync(settings, envs.Spec);
        // Each run has five threads of its own, and the actor system's besides: 30 or more would be left.
        await AwaitConditionAsync(() => Task.FromResult(Threads() <= before + 10), TimeSpan.FromSeconds(10));
    }

    private static int Threads()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
