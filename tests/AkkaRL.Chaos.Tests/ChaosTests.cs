using AkkaRL.Chaos.Tests.Faults;
using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;
using Xunit.Abstractions;

namespace AkkaRL.Chaos.Tests;

/// <summary>Faults of a real cluster: a try of each. scripts/chaos.sh makes many, and docs/chaos.md has what came of them.</summary>
public sealed class ChaosTests(ChaosPlace place, ITestOutputHelper output) : IClassFixture<ChaosPlace>
{
    [Fact]
    public Task A_run_outlives_the_node_of_its_learner() => PlayAsync(LearnerKilled.PlayAsync);

    private async Task PlayAsync(Func<ChaosRun, Pcg64, Task<FaultPlayed>> fault)
    {
        using var run = place.MakeRun();
        output.WriteLine((await fault(run, new Pcg64(1))).ToString());
    }
}
