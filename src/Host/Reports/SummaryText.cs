using System.Globalization;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Reports;

/// <summary>The end of a run in a few lines for a person.</summary>
internal static class SummaryText
{
    public static void Write(TextWriter output, RunSummary summary, double? mark, string folder)
    {
        output.WriteLine(Outcome(summary, mark));
        if (summary.Evaluation is { } last)
            output.WriteLine($"Last policy   {ProgressText.Evaluation(last)} over {ProgressText.Count(last.Episodes, "episode")}");
        if (summary.BestEvaluation is { } best)
            output.WriteLine($"Best policy   {ProgressText.Evaluation(best)} over {ProgressText.Count(best.Episodes, "episode")}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Speed         {summary.EnvironmentSteps:N0} env steps in {summary.WallSeconds:0.0} s: {summary.EnvironmentStepsPerSecond:N0} a second; {summary.Updates:N0} updates"));
        if (summary is { Updates: 0, StopReason: StopReasons.Completed })
            output.WriteLine("Learned       nothing: the run was over before its first update. Ask for more with --steps; a replay learns from learning-starts on, every train-interval.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Policy lag    {summary.PolicyLag.Minimum} to {summary.PolicyLag.Maximum} updates, mean {summary.PolicyLag.Mean:0.0}"));
        if (summary.Snapshots is { ResumedAtStep: { } step } kept)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Resumed       at step {step:N0}, {(kept.ResumedExactly == true ? "exactly" : "with fresh episodes")}; life {kept.Incarnation}"));
        output.WriteLine($"Faults        {Faults(summary.Faults)}");
        output.WriteLine($"Run folder    {folder}");
        output.WriteLine($"Next          akkarl evaluate {(folder.Contains(' ', StringComparison.Ordinal) ? $"\"{folder}\"" : folder)}");
    }

    private static string Outcome(RunSummary summary, double? mark)
    {
        var solved = summary is { SolvedAtStep: { } step, SolvedAtSeconds: { } seconds }
            ? string.Create(CultureInfo.InvariantCulture, $"Solved at step {step:N0}, after {seconds:0.00} s: three evaluations in a row over {mark:0.##}.")
            : mark is null ? $"{summary.Environment} has no mark to be solved at."
            : string.Create(CultureInfo.InvariantCulture, $"Not solved: no three evaluations in a row over {mark:0.##}.");
        return summary.StopReason switch
        {
            StopReasons.Failed => "Failed. " + solved,
            StopReasons.Stopped => "Stopped. " + solved,
            _ => solved,
        };
    }

    private static string Faults(FaultCounts faults)
    {
        var counts = new (int Count, string Noun)[]
        {
            (faults.EnvironmentFaults, "environment fault"), (faults.WorkerFaults, "worker fault"), (faults.NonFiniteGradients, "non-finite gradient"),
            (faults.Stalls, "stall"), (faults.DroppedForLag, "gradient dropped for lag"),
            (faults.LearnerFaults, "learner fault"), (faults.Divergences, "divergence"), (faults.StaleGradients, "stale gradient"), (faults.StorageFaults, "storage fault"),
        };
        var some = counts.Where(kind => kind.Count > 0).Select(kind => $"{kind.Count.ToString(CultureInfo.InvariantCulture)} x {kind.Noun}").ToArray();
        return some.Length == 0 ? "none" : string.Join(", ", some);
    }
}
