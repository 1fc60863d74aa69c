using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;

namespace AkkaRL.Chaos.Tests.Faults;

/// <summary>A fault by the name that scripts/chaos.sh calls it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What is done, and what must come of it beside the invariants of every fault.</param>
/// <param name="NeedsNetwork">Whether it can be played only where the network can be cut.</param>
/// <param name="PlayAsync">Plays it once, at a random moment; throws when anything does not hold.</param>
internal sealed record Fault(string Name, string Summary, bool NeedsNetwork, Func<ChaosRun, Pcg64, Task<FaultPlayed>> PlayAsync)
{
    /// <summary>Every fault there is.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("learner-killed", "`kill -9` of the learner's node | another trains on", false, LearnerFaults.KillAsync),
        new("learner-paused", "SIGSTOP of the learner's node until another has the run, then SIGCONT | its writes are refused, it ends with exit code 3", false, LearnerFaults.PauseAsync),
        new("learner-cut", "the learner's node cut off from the other nodes, not from PostgreSQL; healed | it ends with exit code 3, started again it joins", true, LearnerFaults.CutAsync),
        new("learner-cut-from-all", "the same, cut off from PostgreSQL too | the same", true, LearnerFaults.CutFromAllAsync),
        new("worker-killed", "`kill -9` of a worker node, another in its place | the others go on, nothing is restarted", false, WorkerFaults.KillAsync),
        new("worker-paused", "SIGSTOP of a worker node until it is put out, then SIGCONT | it ends with exit code 3, started again it works", false, WorkerFaults.PauseAsync),
        new("worker-cut", "a worker node cut off; healed | it ends with exit code 3, started again it works", true, WorkerFaults.CutAsync),
        new("network-disturbed", "packets of the learner's node late and lost | the same learner goes on with all nodes", true, SurroundingFaults.DisturbAsync),
        new("database-stopped", "PostgreSQL stopped and started | training goes on meanwhile, snapshots afterwards", false, SurroundingFaults.StopDatabaseAsync),
        new("learner-killed-without-database", "`kill -9` of the learner's node while PostgreSQL is stopped; started | another trains on", false, SurroundingFaults.KillWithoutDatabaseAsync),
    ];
}
