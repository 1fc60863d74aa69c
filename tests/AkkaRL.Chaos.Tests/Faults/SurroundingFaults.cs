using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;

namespace AkkaRL.Chaos.Tests.Faults;

/// <summary>A bad network, and a database that goes away.</summary>
internal static class SurroundingFaults
{
    /// <summary>Snapshot intervals that the run goes on for meanwhile.</summary>
    private const int Intervals = 5;

    /// <summary>Packets of the learner's node are late or lost for a while: the run goes on, with the same learner and all its nodes.</summary>
    public static async Task<FaultPlayed> DisturbAsync(ChaosRun run, Pcg64 random)
    {
        var (first, second, worker) = await ThreeNodes.TwoLearnersAsync(run, random);

        var before = first.LatestStep();
        var means = await run.Network.DisturbAsync(first.Place);
        await run.UntilAsync("Progress on a bad network", () => first.LatestStep() > before + Intervals * ChaosRun.SnapshotInterval);
        var gap = first.LongestGap(before);
        await run.Network.CalmAsync(first.Place);

        run.Finish();
        await run.RequireEndsAsync((first, 0), (second, 0), (worker, 0));
        return (await Invariants.CheckAsync(run, Life.OfLast(first))) with { SecondsWithoutProgress = gap, Means = means };
    }

    /// <summary>PostgreSQL is stopped and started again: the run goes on meanwhile, and stores snapshots again afterwards.</summary>
    public static async Task<FaultPlayed> StopDatabaseAsync(ChaosRun run, Pcg64 random)
    {
        var (first, second, worker) = await ThreeNodes.TwoLearnersAsync(run, random);

        var before = first.LatestStep();
        await run.Database.StopAsync();
        await run.UntilAsync("A snapshot that could not be stored", () => first.Text.Contains("A snapshot could not be stored", StringComparison.Ordinal));
        var refused = first.LatestStep();
        await run.UntilAsync("Progress without a database", () => first.LatestStep() > refused + ChaosRun.SnapshotInterval);
        await run.Database.StartAgainAsync();
        var started = first.LatestStep();
        await run.UntilAsync("A snapshot again", () => first.SavedAt > started);
        var gap = first.LongestGap(before);

        run.Finish();
        await run.RequireEndsAsync((first, 0), (second, 0), (worker, 0));
        return (await Invariants.CheckAsync(run, Life.OfLast(first))) with { SecondsWithoutProgress = gap };
    }

    /// <summary>The learner's node is killed while PostgreSQL is stopped: the run goes on when that is started again.</summary>
    public static async Task<FaultPlayed> KillWithoutDatabaseAsync(ChaosRun run, Pcg64 random)
    {
        var (first, second, worker) = await ThreeNodes.TwoLearnersAsync(run, random);

        // What it does from now on nobody can store.
        var life = Life.EndedNow(first);
        await run.Database.StopAsync();
        first.Kill();
        await run.UntilGoneAsync(first.Place, second.Place);
        await run.Database.StartAgainAsync();
        var seconds = await run.UntilAsync("Training again", () => second.LatestStep() > second.ResumedAt);

        run.Finish();
        await run.RequireEndsAsync((second, 0), (worker, 0));
        return (await Invariants.CheckAsync(run, life, Life.OfLast(second))) with { SecondsToTraining = seconds };
    }
}
