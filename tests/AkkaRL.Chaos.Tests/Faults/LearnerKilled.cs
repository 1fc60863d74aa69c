using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;

namespace AkkaRL.Chaos.Tests.Faults;

/// <summary>kill -9 of the learner's node, of three: learner, second candidate, worker.</summary>
internal static class LearnerKilled
{
    public static async Task<FaultPlayed> PlayAsync(ChaosRun run, Pcg64 random)
    {
        var first = run.Begin(1);
        var second = run.Join("second learner", 2, 1, "learner");
        var worker = run.Join("worker", 3, 1, "worker", workers: 4);
        await run.UntilAsync("Two snapshots", () => first.SavedAt >= 2 * ChaosRun.SnapshotInterval);
        await run.UntilMemberAsync(2, 1, isThere: true);
        // At any moment between two snapshots.
        var moment = first.LatestStep() + (long)random.NextUniform(0, ChaosRun.SnapshotInterval);
        await run.UntilAsync($"Step {moment}", () => first.LatestStep() >= moment);

        first.Kill();
        var life = Life.EndedNow(first);
        var seconds = await run.UntilAsync("Training again", () => second.LatestStep() > second.ResumedAt);

        run.Finish();
        await run.RequireEndsAsync((second, 0), (worker, 0));
        return new FaultPlayed(await Invariants.CheckAsync(run, life, Life.OfLast(second))) { SecondsToTraining = seconds };
    }
}
