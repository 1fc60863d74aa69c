using AkkaRL.Actors.Protocol;

namespace AkkaRL.Actors.Training;

/// <summary>What a run tells those who watch it. Closed family.</summary>
public abstract record RunEvent;

/// <summary>The actors are up and the first rollouts begin.</summary>
/// <param name="Settings">The run's settings.</param>
/// <param name="Engine">The engine chosen: <c>fused</c> or <c>torch</c>.</param>
/// <param name="ParameterCount">P.</param>
/// <param name="SolvedAt">The env's mark, if it has one.</param>
public sealed record RunStarted(RunSettings Settings, string Engine, int ParameterCount, double? SolvedAt) : RunEvent;

/// <summary>One row of metrics, every <c>metrics.interval-steps</c> env steps. Means are over the updates since the row before; NaN when there were none.</summary>
/// <param name="GlobalStep">Env steps over all workers.</param>
/// <param name="Updates">Updates applied.</param>
/// <param name="WallSeconds">Seconds since the first worker's start.</param>
/// <param name="StepsPerSecond">Env steps a second since the row before.</param>
/// <param name="Episodes">Episodes finished in training.</param>
/// <param name="MeanReturn">Mean raw return of the last <c>metrics.episode-window</c> episodes; NaN before the first.</param>
/// <param name="MeanLength">Their mean length, env steps.</param>
/// <param name="PolicyLoss">Mean policy loss.</param>
/// <param name="ValueLoss">Mean value loss ½(R − V)².</param>
/// <param name="Entropy">Mean entropy, nats.</param>
/// <param name="GradientNorm">Mean global gradient norm before clipping.</param>
/// <param name="LearningRate">Of the latest update.</param>
/// <param name="PolicyLag">Over the run so far.</param>
/// <param name="Faults">Over the run so far.</param>
public sealed record ProgressReported(
    long GlobalStep, long Updates, double WallSeconds, double StepsPerSecond,
    long Episodes, double MeanReturn, double MeanLength,
    double PolicyLoss, double ValueLoss, double Entropy, double GradientNorm, double LearningRate,
    PolicyLagRange PolicyLag, FaultCounts Faults) : RunEvent
{
    /// <summary>Mean KL of the policy that acted from the one that learns, nats; null where they are not compared.</summary>
    public double? Divergence { get; init; }

    /// <summary>Part of the rows whose gradient was clipped away, 0 to 1; null where nothing is clipped.</summary>
    public double? ClippedFraction { get; init; }

    /// <summary>Effective sample size of the importance weights, as a part of the rows, 0 to 1; null where data are not reused.</summary>
    public double? EffectiveSampleFraction { get; init; }
}

/// <summary>An evaluation during training is done.</summary>
/// <param name="GlobalStep">Global step of the parameters evaluated.</param>
/// <param name="WallSeconds">Seconds since the first worker's start, at the result.</param>
/// <param name="Result">The returns.</param>
/// <param name="IsBest">Whether this is the best policy so far.</param>
/// <param name="Parameters">The parameters evaluated [P]; read only, valid for ever when <paramref name="IsBest"/>, empty otherwise.</param>
public sealed record EvaluationReported(
    long GlobalStep, double WallSeconds, EvaluationResult Result, bool IsBest, ReadOnlyMemory<float> Parameters) : RunEvent;

/// <summary>Something went wrong and was survived.</summary>
/// <param name="GlobalStep">Of the latest progress report before it.</param>
/// <param name="Worker">Whose: the worker's number, or -1 for the evaluator.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Message">What happened, and what was done about it.</param>
public sealed record FaultReported(long GlobalStep, int Worker, FaultKind Kind, string Message) : RunEvent;

/// <summary>The run goes on from a snapshot; comes right after <see cref="RunStarted"/>. What was told after that snapshot is void.</summary>
/// <param name="GlobalStep">Env steps applied then; 0 when there was no snapshot and the run begins anew.</param>
/// <param name="WallSeconds">Seconds of training before it.</param>
/// <param name="Incarnation">Which life of the learner begins.</param>
/// <param name="IsExact">Whether the run goes on bit for bit; otherwise with fresh episodes.</param>
/// <param name="Rows">How many of the events told before belong to the snapshot: progress, evaluations and faults, in their order.</param>
/// <param name="BestStep">Global step of the best policy so far; 0 when there is none.</param>
/// <param name="Refused">Newer snapshots that could not be used, and why.</param>
public sealed record RunResumed(
    long GlobalStep, double WallSeconds, long Incarnation, bool IsExact, long Rows, long BestStep, IReadOnlyList<string> Refused) : RunEvent;

/// <summary>The run is safe up to here: killed now, it goes on from this step.</summary>
/// <param name="GlobalStep">Env steps applied.</param>
/// <param name="Bytes">Size of the snapshot.</param>
/// <param name="Seconds">How long it took to store, while training went on.</param>
/// <param name="PauseSeconds">How long training stood still for it: from when it was begun to when the learner went on.</param>
public sealed record SnapshotSaved(long GlobalStep, long Bytes, double Seconds, double PauseSeconds) : RunEvent;

/// <summary>The run is over.</summary>
/// <param name="Result">Its summary and policies.</param>
public sealed record RunFinished(RunResult Result) : RunEvent;
