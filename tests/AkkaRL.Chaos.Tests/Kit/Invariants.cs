using System.Text.Json;
using AkkaRL.Chaos.Tests.Faults;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>A life of the learner, as its process told it.</summary>
/// <param name="Node">The process.</param>
/// <param name="Until">The step that it had come to when the fault ended it, or the run's last.</param>
internal sealed record Life(HostNode Node, long Until)
{
    /// <summary>The life ends now: what it writes later does not count.</summary>
    public static Life EndedNow(HostNode node) => new(node, node.LatestStep());

    /// <summary>The life ended at the run's mark.</summary>
    public static Life OfLast(HostNode node) => new(node, ChaosRun.Mark);
}

/// <summary>
/// What must hold after every fault. The journal in PostgreSQL says what was accepted; metrics.jsonl, summary.json and standard output say what each process
/// believed; the envs themselves say how many steps were made.
/// </summary>
internal static class Invariants
{
    /// <summary>Steps that four workers make while a snapshot is captured and its marker written, a fifth of a second.</summary>
    private const long CaptureSteps = 800;

    /// <summary>Checks them all. The last of the lives is that of the process that ended the run.</summary>
    /// <exception cref="ChaosException">Any is broken.</exception>
    public static async Task<FaultPlayed> CheckAsync(ChaosRun run, params Life[] lives)
    {
        var journal = await Journal.ReadAsync(run.Database.OwnConnection, run.RunId);
        var broken = new List<string>();
        RequireOneWriter(journal, broken);
        var lost = RequireLittleLost(journal, lives, broken);
        var notCounted = RequireNothingTwice(run.StepsMade, lives, broken);
        RequireMark(lives[^1].Node, broken);
        if (broken.Count > 0)
            throw new ChaosException($"{string.Join('\n', broken)}\n{string.Join('\n', journal.Entries)}\n{run.Transcript()}");
        return new FaultPlayed(lost, notCounted);
    }

    /// <summary>
    /// At most one incarnation's writes are accepted: in the order of their numbers, which have no gap, incarnations never fall, each has one owner and
    /// begins with its take-over, and its steps never fall. Every snapshot has its marker.
    /// </summary>
    private static void RequireOneWriter(Journal journal, List<string> broken)
    {
        var entries = journal.Entries;
        if (entries.Count == 0 || !entries.Select(entry => entry.Number).SequenceEqual(Enumerable.Range(1, entries.Count).Select(number => (long)number)))
            broken.Add("The journal has a gap.");
        foreach (var (before, after) in entries.Zip(entries.Skip(1)))
        {
            if (after.Incarnation < before.Incarnation)
                broken.Add($"Marker {after.Number} is of incarnation {after.Incarnation}, after {before.Incarnation} had taken over.");
            if (after.Incarnation == before.Incarnation && after.Owner != before.Owner)
                broken.Add($"Two processes wrote as incarnation {after.Incarnation}.");
            if (after.Incarnation > before.Incarnation && !after.IsTakeOver)
                broken.Add($"Incarnation {after.Incarnation} wrote before its take-over.");
            if (after.Incarnation == before.Incarnation && !after.IsTakeOver && after.GlobalStep < before.GlobalStep)
                broken.Add($"Within incarnation {after.Incarnation} the step fell from {before.GlobalStep} to {after.GlobalStep}.");
        }
        var markers = entries.Where(entry => !entry.IsTakeOver).Select(entry => entry.Number).ToHashSet();
        if (journal.Snapshots.Any(snapshot => !markers.Contains(snapshot)))
            broken.Add("A snapshot has no marker.");
    }

    /// <summary>
    /// A life goes on from the newest snapshot that the one before it had reported as stored, or from a newer one; and it goes back by no more than the
    /// interval, unless the next snapshot was on its way: its marker is in the journal, and less than a second interval was under way.
    /// </summary>
    private static long RequireLittleLost(Journal journal, Life[] lives, List<string> broken)
    {
        var most = 0L;
        for (var i = 1; i < lives.Length; i++)
        {
            var (before, resumed) = (lives[i - 1], lives[i].Node.ResumedAt ?? -1);
            var lost = before.Until - resumed;
            var wasStoring = journal.Entries.Any(entry => !entry.IsTakeOver && entry.Incarnation == i && entry.GlobalStep > resumed);
            if (resumed < (before.Node.SavedAt ?? 0))
                broken.Add($"{lives[i].Node.Name} went on from {resumed}, but {before.Node.Name} had stored {before.Node.SavedAt}.");
            if (lost > ChaosRun.SnapshotInterval + (wasStoring ? ChaosRun.SnapshotInterval : CaptureSteps))
                broken.Add($"{lives[i].Node.Name} went back by {lost} steps, from {before.Until} to {resumed}{(wasStoring ? ", and a snapshot was on its way" : "")}.");
            most = Math.Max(most, lost);
        }
        return most;
    }

    /// <summary>
    /// No rollout is counted twice: over all lives, no more steps are counted than envs have made. What was made and not counted was on its way when a
    /// fault came; as much could have been counted twice unseen.
    /// </summary>
    private static long RequireNothingTwice(long made, Life[] lives, List<string> broken)
    {
        var counted = lives.Sum(life => life.Until - life.Node.ResumedAt ?? 0);
        if (counted > made)
            broken.Add($"{counted} steps were counted, but only {made} made.");
        return made - counted;
    }

    private static void RequireMark(HostNode last, List<string> broken)
    {
        var path = Path.Combine(last.RunFolder, "summary.json");
        if (!File.Exists(path))
        {
            broken.Add($"{last.Name} wrote no summary.");
            return;
        }
        using var summary = JsonDocument.Parse(File.ReadAllBytes(path));
        var (steps, reason) = (summary.RootElement.GetProperty("environmentSteps").GetInt64(), summary.RootElement.GetProperty("stopReason").GetString());
        if (steps != ChaosRun.Mark || reason != "completed")
            broken.Add($"The run is {reason} at {steps}, not completed at {ChaosRun.Mark}.");
    }
}
