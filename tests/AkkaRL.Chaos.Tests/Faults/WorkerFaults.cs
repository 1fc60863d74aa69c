using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;

namespace AkkaRL.Chaos.Tests.Faults;

/// <summary>Faults of a worker's node, of three: learner and two worker nodes. The learner goes on with the other, and nothing else is restarted.</summary>
internal static class WorkerFaults
{
    private const int PutOut = 3;

    /// <summary>kill -9; another node comes in its place.</summary>
    public static Task<FaultPlayed> KillAsync(ChaosRun run, Pcg64 random) => PlayAsync(
        run, random,
        suffers =>
        {
            suffers.Kill();
            return Task.CompletedTask;
        },
        _ => Task.CompletedTask, newPlace: 4);

    /// <summary>SIGSTOP until the others have put it out, then SIGCONT: it ends with exit code 3, and is started again.</summary>
    public static Task<FaultPlayed> PauseAsync(ChaosRun run, Pcg64 random) => PlayAsync(
        run, random,
        suffers => suffers.SignalAsync("STOP"),
        async suffers =>
        {
            await suffers.SignalAsync("CONT");
            await run.RequireEndsAsync((suffers, PutOut));
        },
        newPlace: 3);

    /// <summary>Cut off, it ends with exit code 3; healed, it is started again.</summary>
    public static Task<FaultPlayed> CutAsync(ChaosRun run, Pcg64 random) => PlayAsync(
        run, random,
        suffers => run.Network.CutAsync(suffers.Place, fromDatabase: true),
        async suffers =>
        {
            await run.RequireEndsAsync((suffers, PutOut));
            await run.Network.HealAsync(suffers.Place);
        },
        newPlace: 3);

    private static async Task<FaultPlayed> PlayAsync(ChaosRun run, Pcg64 random, Func<HostNode, Task> begin, Func<HostNode, Task> end, int newPlace)
    {
        var (learner, stays, suffers) = await ThreeNodes.TwoWorkersAsync(run, random);

        var before = learner.LatestStep();
        suffers.MayEnd = true;
        await begin(suffers);
        await run.UntilGoneAsync(suffers.Place, learner.Place);
        await end(suffers);
        var comes = run.Join("worker that comes", newPlace, learner.Place, "worker", workers: 2);
        await run.UntilAsync("The new node works", () => run.StepsMadeBy(comes) > 0);

        var gap = learner.LongestGap(before);
        run.Finish();
        await run.RequireEndsAsync((learner, 0), (stays, 0), (comes, 0));
        return (await Invariants.CheckAsync(run, Life.OfLast(learner))) with { SecondsWithoutProgress = gap };
    }
}
