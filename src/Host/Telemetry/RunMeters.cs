using System.Diagnostics.Metrics;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Reports;

namespace AkkaRL.Host.Telemetry;

/// <summary>A run's figures as instruments of <see cref="System.Diagnostics.Metrics"/>: whoever listens to the meter reads the latest.</summary>
internal sealed class RunMeters : IRunReport
{
    /// <summary>The meter's name.</summary>
    public const string Name = "AkkaRL";

    private readonly Meter meter = new(Name);
    private readonly KeyValuePair<string, object?>[] tags;
    private ProgressReported? row;
    private EvaluationReported? evaluation;
    private long snapshotStep = -1;
    private long incarnation = 1;
    private long faults;
    private long evaluations;

    public RunMeters(RunSettings settings)
    {
        tags = [new("algorithm", settings.Algorithm), new("env", settings.Environment)];
        Count("akkarl.env_steps", "Env steps applied, over all workers", () => row?.GlobalStep);
        Count("akkarl.updates", "Optimizer steps", () => row?.Updates);
        Count("akkarl.episodes", "Episodes finished in training", () => row?.Episodes);
        Count("akkarl.faults", "What went wrong and was survived", () => Math.Max(faults, row?.Faults.Total ?? 0));
        Count("akkarl.evaluations", "Evaluations made in training", () => evaluations);
        Show("akkarl.env_steps_per_second", "Env steps a second since the row before", () => row?.StepsPerSecond);
        Show("akkarl.mean_return", "Mean raw return of the latest training episodes", () => row?.MeanReturn);
        Show("akkarl.evaluation.mean_return", "Mean return of the latest evaluation", () => evaluation?.Result.Mean);
        Show("akkarl.policy_lag.mean", "Mean policy lag over the run, updates", () => row?.PolicyLag.Mean);
        Show("akkarl.policy_lag.maximum", "Largest policy lag over the run, updates", () => row?.PolicyLag.Maximum);
        Show("akkarl.workers", "Worker actors, over all nodes", () => settings.Workers);
        Show("akkarl.incarnation", "Which life of the learner", () => incarnation);
        Show("akkarl.snapshot_step", "Global step of the newest snapshot", () => snapshotStep < 0 ? null : snapshotStep);
    }

    public void Tell(RunEvent happened)
    {
        switch (happened)
        {
            case RunResumed resumed:
                incarnation = resumed.Incarnation;
                break;
            case ProgressReported progress:
                row = progress;
                break;
            case EvaluationReported reported:
                evaluation = reported;
                evaluations++;
                break;
            case FaultReported:
                faults++;
                break;
            case SnapshotSaved saved:
                snapshotStep = saved.GlobalStep;
                break;
        }
    }

    public void Dispose() => meter.Dispose();

    private void Count(string name, string description, Func<long?> value) =>
        meter.CreateObservableCounter(name, () => Measure(value()), description: description);

    private void Show(string name, string description, Func<double?> value) =>
        meter.CreateObservableGauge(name, () => Measure(value()), description: description);

    /// <summary>Nothing before there is a figure.</summary>
    private IEnumerable<Measurement<T>> Measure<T>(T? value)
        where T : struct => value is { } known ? [new Measurement<T>(known, tags)] : [];
}
