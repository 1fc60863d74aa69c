using System.Globalization;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Reports;

/// <summary>How the figures of a run read to a person.</summary>
internal static class ProgressText
{
    public static string Head(RunStarted run) => string.Create(CultureInfo.InvariantCulture,
        $"{run.Settings.Algorithm} on {run.Settings.Environment}: {Count(run.Settings.Workers, "worker")}, {run.Engine} engine, {run.ParameterCount:N0} parameters, seed {run.Settings.Seed}, up to {run.Settings.TotalSteps:N0} env steps{(run.SolvedAt is { } mark ? $", solved at {mark:0.##}" : "")}");

    /// <summary>34%  34,000 steps  ETA 00:12.</summary>
    public static string Position(ProgressReported row, long totalSteps) => string.Create(CultureInfo.InvariantCulture,
        $"{Fraction(row, totalSteps),4:0%}  {row.GlobalStep:N0} steps  ETA {Remaining(row, totalSteps)}");

    /// <summary>283,000 steps/s  return 213.4  lag 1.2  restarts 0.</summary>
    public static string Figures(ProgressReported row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.StepsPerSecond:N0} steps/s  return {Number(row.MeanReturn)}  lag {row.PolicyLag.Mean:0.0}  restarts {Restarts(row.Faults)}");

    public static string Evaluation(EvaluationResult result) => string.Create(CultureInfo.InvariantCulture,
        $"{result.Mean:0.0} ± {result.StandardDeviation:0.0}");

    public static string Fault(FaultReported fault) => string.Create(CultureInfo.InvariantCulture,
        $"{fault.Kind} fault at step {fault.GlobalStep:N0}, {(fault.Worker < 0 ? "evaluator" : $"worker {fault.Worker}")}: {fault.Message.ReplaceLineEndings(" ")}");

    public static double Fraction(ProgressReported row, long totalSteps) => Math.Min(1, (double)row.GlobalStep / totalSteps);

    public static string Count(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>Time to the last step at the run's mean speed.</summary>
    private static string Remaining(ProgressReported row, long totalSteps)
    {
        var seconds = row.WallSeconds / row.GlobalStep * (totalSteps - row.GlobalStep);
        return seconds is >= 0 and < 1e7 ? Time(TimeSpan.FromSeconds(Math.Ceiling(seconds))) : "?";
    }

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Workers started anew after a fault.</summary>
    private static int Restarts(FaultCounts faults) => faults.EnvironmentFaults + faults.WorkerFaults + faults.Stalls;

    private static string Time(TimeSpan time) => $"{(time.TotalHours >= 1 ? $"{(int)time.TotalHours}:" : "")}{time:mm\\:ss}";

    public static string Resumed(RunResumed run) =>
        run.GlobalStep == 0 ? "No snapshot: the run begins anew"
        : string.Create(CultureInfo.InvariantCulture, $"Resumed at step {run.GlobalStep:N0} after {run.WallSeconds:0.0} s, life {run.Incarnation}, {(run.IsExact ? "exactly" : "with fresh episodes")}");
}
