using System.Text;
using System.Text.Json;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;

namespace AkkaRL.Host.Reports;

/// <summary>Keeps a run's events in its folder: metrics.jsonl, the TensorBoard file, the best policy so far; at the end the last policy and the summary.</summary>
internal sealed class RunFiles : IRunReport
{
    private const byte NewLine = (byte)'\n';

    private readonly RunFolder folder;
    private readonly RunSettings settings;
    private readonly EnvSpec env;
    private readonly FileStream metrics;
    private readonly TensorBoardFile tensorBoard;
    private readonly bool isResumed;
    private long bestAtStep;

    /// <param name="folder">The run's.</param>
    /// <param name="settings">The run's.</param>
    /// <param name="env">The run's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isResumed">Whether the files of the run's former lives are continued, where there are any.</param>
    public RunFiles(RunFolder folder, RunSettings settings, EnvSpec env, TimeProvider time, bool isResumed = false)
    {
        (this.folder, this.settings, this.env, this.isResumed) = (folder, settings, env, isResumed);
        // Not buffered: a row that finds no room is not tried again when the file is closed.
        metrics = new FileStream(folder.PathOf(RunFolder.Metrics), isResumed ? FileMode.OpenOrCreate : FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        tensorBoard = isResumed && TensorBoardFile.FindLatest(folder.FullPath) is { } latest ? TensorBoardFile.Open(latest, time) : new TensorBoardFile(folder.FullPath, time);
    }

    /// <exception cref="IOException">There is no room, or no permission.</exception>
    public void Tell(RunEvent happened) => FileWriting.Guard(folder.PathOf(RunFolder.Metrics), () => Keep(happened));

    public void Dispose()
    {
        metrics.Dispose();
        tensorBoard.Dispose();
    }

    private void Keep(RunEvent happened)
    {
        switch (happened)
        {
            case RunResumed resumed when isResumed:
                CutBack(resumed);
                break;
            case ProgressReported row:
                Append(row);
                tensorBoard.Write(row.GlobalStep,
                    ("train/mean_return", row.MeanReturn), ("train/mean_length", row.MeanLength), ("train/episodes", row.Episodes),
                    ("train/steps_per_second", row.StepsPerSecond), ("train/policy_lag", row.PolicyLag.Mean), ("train/faults", row.Faults.Total),
                    ("loss/policy", row.PolicyLoss), ("loss/value", row.ValueLoss), ("loss/entropy", row.Entropy),
                    ("update/gradient_norm", row.GradientNorm), ("update/learning_rate", row.LearningRate));
                break;
            case EvaluationReported evaluation:
                Append(evaluation);
                tensorBoard.Write(evaluation.GlobalStep,
                    ("eval/mean_return", evaluation.Result.Mean), ("eval/standard_deviation", evaluation.Result.StandardDeviation),
                    ("eval/minimum", evaluation.Result.Minimum), ("eval/maximum", evaluation.Result.Maximum));
                if (evaluation.IsBest)
                    KeepBest(evaluation);
                break;
            case FaultReported fault:
                Append(fault);
                break;
            case RunFinished { Result: var result }:
                PolicyFile.Write(folder.PathOf(PolicyFile.Best), result.Best, settings, bestAtStep == 0 ? result.Summary.EnvironmentSteps : bestAtStep);
                PolicyFile.Write(folder.PathOf(PolicyFile.Last), result.Last, settings, result.Summary.EnvironmentSteps);
                AtomicFile.Write(folder.PathOf(RunFolder.Summary), stream => JsonSerializer.Serialize(stream, result.Summary, Json.Indented));
                break;
        }
    }

    /// <summary>Takes back what was written after the snapshot that the run goes on from: it is made again.</summary>
    private void CutBack(RunResumed resumed)
    {
        bestAtStep = resumed.BestStep;
        var records = 0;
        metrics.Position = 0;
        using (var reader = new StreamReader(metrics, leaveOpen: true))
        {
            long length = 0;
            for (var row = 0; row < resumed.Rows && reader.ReadLine() is { } line; row++)
            {
                var end = length + Encoding.UTF8.GetByteCount(line) + 1;
                if (end > metrics.Length)
                    break; // was cut off when the disk was full
                length = end;
                using var json = JsonDocument.Parse(line);
                if (json.RootElement.GetProperty("kind").GetString() != "fault")
                    records++;
            }
            metrics.SetLength(length);
        }
        metrics.Position = metrics.Length;
        tensorBoard.CutBack(records);
    }

    private void Append(RunEvent row)
    {
        metrics.Write([.. JsonSerializer.SerializeToUtf8Bytes(row, Json.Line), NewLine]);
    }

    private void KeepBest(EvaluationReported evaluation)
    {
        using var policy = new TrainedPolicy(settings, env, evaluation.Parameters);
        PolicyFile.Write(folder.PathOf(PolicyFile.Best), policy, settings, evaluation.GlobalStep);
        bestAtStep = evaluation.GlobalStep;
    }
}
