using System.Globalization;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Reports;

/// <summary>Progress for a log: about a line a second, and one for each better policy and each fault.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider time) : IRunReport
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long totalSteps;
    private long? lineAt;

    public void Tell(RunEvent happened)
    {
        switch (happened)
        {
            case RunStarted run:
                totalSteps = run.Settings.TotalSteps;
                output.WriteLine(ProgressText.Head(run));
                break;
            case RunResumed resumed:
                output.WriteLine(ProgressText.Resumed(resumed));
                break;
            case ProgressReported row when lineAt is null || time.GetElapsedTime(lineAt.Value) >= Pause:
                lineAt = time.GetTimestamp();
                output.WriteLine($"{ProgressText.Position(row, totalSteps)}  {ProgressText.Figures(row)}");
                break;
            case EvaluationReported { IsBest: true } evaluation:
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"      evaluation at {evaluation.GlobalStep:N0}: {ProgressText.Evaluation(evaluation.Result)}, the best so far"));
                break;
            case SnapshotSaved snapshot:
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"      snapshot at {snapshot.GlobalStep:N0}"));
                break;
            case FaultReported fault:
                output.WriteLine($"      {ProgressText.Fault(fault)}");
                break;
        }
        output.Flush();
    }

    public void Dispose() { }
}
