using AkkaRL.Chaos.Tests.Faults;
using AkkaRL.Envs;
using Xunit.Abstractions;

namespace AkkaRL.Chaos.Tests;

/// <summary>Faults of a real cluster: a try of each of some; of the learner's kill, see <see cref="FullSet"/>.</summary>
public sealed class ChaosTests(ChaosPlace place, ITestOutputHelper output) : IClassFixture<ChaosPlace>
{
    /// <summary>Longer than the default: tests of other projects run beside these.</summary>
    internal static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(6);

    [ChaosFact]
    public Task A_learner_that_was_paused_is_fenced() => PlayAsync("learner-paused");

    [NetworkFact]
    public Task A_learner_that_is_cut_off_gives_up_though_it_could_write() => PlayAsync("learner-cut");

    [ChaosFact]
    public Task The_others_go_on_when_a_worker_node_is_killed() => PlayAsync("worker-killed");

    [ChaosFact]
    public Task A_run_goes_on_while_the_database_is_away() => PlayAsync("database-stopped");

    private async Task PlayAsync(string name)
    {
        var fault = Fault.All.Single(fault => fault.Name == name);
        await using var run = await place.MakeRunAsync(StableAfter);
        output.WriteLine((await fault.PlayAsync(run, new Pcg64(1))).ToString());
        output.WriteLine(run.Transcript());
    }
}
