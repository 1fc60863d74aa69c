using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;

namespace AkkaRL.Chaos.Tests.Faults;

/// <summary>Faults of the learner's node, of three: learner, second candidate, worker.</summary>
internal static class LearnerFaults
{
    /// <summary>kill -9.</summary>
    public static async Task<FaultPlayed> KillAsync(ChaosRun run, Pcg64 random)
    {
        var (first, second, worker) = await ThreeNodes.TwoLearnersAsync(run, random);

        first.Kill();
        var life = Life.EndedNow(first);
        var seconds = await UntilTrainingAsync(run, second);

        run.Finish();
        await run.RequireEndsAsync((second, 0), (worker, 0));
        return (await Invariants.CheckAsync(run, life, Life.OfLast(second))) with { SecondsToTraining = seconds };
    }

    /// <summary>SIGSTOP until another has the run, then SIGCONT: what it then writes is refused, and it ends with exit code 3.</summary>
    public static async Task<FaultPlayed> PauseAsync(ChaosRun run, Pcg64 random)
    {
        var (first, second, worker) = await ThreeNodes.TwoLearnersAsync(run, random);

        first.MayEnd = true;
        await first.SignalAsync("STOP");
        var life = Life.EndedNow(first);
        var seconds = await UntilTrainingAsync(run, second);
        await first.SignalAsync("CONT");

        await run.RequireEndsAsync((first, 3));
        run.Finish();
        await run.RequireEndsAsync((second, 0), (worker, 0));
        return (await Invariants.CheckAsync(run, life, Life.OfLast(second))) with { SecondsToTraining = seconds };
    }

    /// <summary>Cut off from the other nodes but not from PostgreSQL: it ends with exit code 3. Healed and started again, it is a candidate.</summary>
    public static Task<FaultPlayed> CutAsync(ChaosRun run, Pcg64 random) => CutAsync(run, random, fromDatabase: false);

    /// <summary>The same, cut off from PostgreSQL too.</summary>
    public static Task<FaultPlayed> CutFromAllAsync(ChaosRun run, Pcg64 random) => CutAsync(run, random, fromDatabase: true);

    private static async Task<FaultPlayed> CutAsync(ChaosRun run, Pcg64 random, bool fromDatabase)
    {
        var (first, second, worker) = await ThreeNodes.TwoLearnersAsync(run, random);

        first.MayEnd = true;
        await run.Network.CutAsync(first.Place, fromDatabase);
        var life = Life.EndedNow(first);
        var seconds = await UntilTrainingAsync(run, second);
        await run.RequireEndsAsync((first, 3));
        await run.Network.HealAsync(first.Place);
        var again = run.Join("first learner again", first.Place, second.Place, "learner");
        await run.UntilUpAsync(again.Place, second.Place);

        run.Finish();
        await run.RequireEndsAsync((second, 0), (worker, 0), (again, 0));
        return (await Invariants.CheckAsync(run, life, Life.OfLast(second))) with { SecondsToTraining = seconds };
    }

    private static Task<double> UntilTrainingAsync(ChaosRun run, HostNode successor) =>
        run.UntilAsync("Training again", () => successor.LatestStep() > successor.ResumedAt);
}
