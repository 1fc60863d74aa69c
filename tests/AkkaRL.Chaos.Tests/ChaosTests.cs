using AkkaRL.Chaos.Tests.Faults;
using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;
using Xunit.Abstractions;

namespace AkkaRL.Chaos.Tests;

/// <summary>Faults of a real cluster: a try of each. scripts/chaos.sh makes many, and docs/chaos.md has what came of them.</summary>
public sealed class ChaosTests(ChaosPlace place, ITestOutputHelper output) : IClassFixture<ChaosPlace>
{
    [Fact]
    public Task A_run_outlives_the_node_of_its_learner() => PlayAsync(LearnerFaults.KillAsync);

    [Fact]
    public Task A_learner_that_was_paused_is_fenced() => PlayAsync(LearnerFaults.PauseAsync);

    [Fact]
    public Task A_learner_that_is_cut_off_gives_up_though_it_could_write() => PlayAsync(LearnerFaults.CutAsync);

    [Fact]
    public Task A_learner_that_is_cut_off_from_all_gives_up() => PlayAsync(LearnerFaults.CutFromAllAsync);

    [Fact]
    public Task The_others_go_on_when_a_worker_node_is_killed() => PlayAsync(WorkerFaults.KillAsync);

    [Fact]
    public Task A_worker_node_that_was_paused_is_put_out_and_comes_again() => PlayAsync(WorkerFaults.PauseAsync);

    [Fact]
    public Task A_worker_node_that_is_cut_off_is_put_out_and_comes_again() => PlayAsync(WorkerFaults.CutAsync);

    [Fact]
    public Task A_run_goes_on_over_a_bad_network() => PlayAsync(SurroundingFaults.DisturbAsync);

    [Fact]
    public Task A_run_goes_on_while_the_database_is_away() => PlayAsync(SurroundingFaults.StopDatabaseAsync);

    [Fact]
    public Task A_learner_that_is_lost_while_the_database_is_away_has_a_successor() => PlayAsync(SurroundingFaults.KillWithoutDatabaseAsync);

    private async Task PlayAsync(Func<ChaosRun, Pcg64, Task<FaultPlayed>> fault)
    {
        using var run = place.MakeRun();
        output.WriteLine((await fault(run, new Pcg64(1))).ToString());
        output.WriteLine(run.Transcript());
    }
}
