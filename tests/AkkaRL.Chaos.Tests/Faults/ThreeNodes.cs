using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;

namespace AkkaRL.Chaos.Tests.Faults;

/// <summary>The two clusters that faults are played in, each trained until its fault is due: at any moment between two snapshots.</summary>
internal static class ThreeNodes
{
    /// <summary>A learner, a second candidate and a worker node: for faults of the learner's node.</summary>
    public static async Task<(HostNode First, HostNode Second, HostNode Worker)> TwoLearnersAsync(ChaosRun run, Pcg64 random)
    {
        var first = run.Begin(1);
        var second = run.Join("second learner", 2, 1, "learner");
        var worker = run.Join("worker", 3, 1, "worker", workers: 4);
        // As those know it that will have to do without the first.
        await run.UntilUpAsync(2, 3);
        await run.UntilUpAsync(3, 2);
        await TrainAsync(run, first, random);
        return (first, second, worker);
    }

    /// <summary>A learner and two worker nodes: for faults of a worker's node.</summary>
    public static async Task<(HostNode Learner, HostNode Stays, HostNode Suffers)> TwoWorkersAsync(ChaosRun run, Pcg64 random)
    {
        var learner = run.Begin(1);
        var stays = run.Join("worker that stays", 2, 1, "worker", workers: 2);
        var suffers = run.Join("worker that suffers", 3, 1, "worker", workers: 2);
        await run.UntilAsync("Both nodes work", () => run.StepsMadeBy(stays) > 0 && run.StepsMadeBy(suffers) > 0);
        await TrainAsync(run, learner, random);
        return (learner, stays, suffers);
    }

    private static async Task TrainAsync(ChaosRun run, HostNode learner, Pcg64 random)
    {
        await run.UntilAsync("A snapshot", () => learner.SavedAt is not null);
        var moment = learner.LatestStep() + (long)random.NextUniform(0, ChaosRun.SnapshotInterval);
        await run.UntilAsync($"Step {moment}", () => learner.LatestStep() >= moment);
    }
}
