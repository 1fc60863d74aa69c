using System.Text.Json.Serialization;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Actors.Training;

/// <summary>What a run came to: the content of summary.json, whose keys are these names in camel case. A contract: keys are added at the end (hence the two orders), never changed.</summary>
/// <param name="Algorithm">The algorithm's name.</param>
/// <param name="Environment">The env's id.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Workers">Worker actors.</param>
/// <param name="Engine">The engine that computed the networks: <c>fused</c> or <c>torch</c>.</param>
/// <param name="EnvironmentSteps">Env steps over all workers, exactly those whose rollouts were applied.</param>
/// <param name="Updates">Optimizer steps.</param>
/// <param name="WallSeconds">Seconds from the first worker's start to the end of training, evaluations during training included, the final ones not.</param>
/// <param name="EnvironmentStepsPerSecond">EnvironmentSteps / WallSeconds.</param>
/// <param name="SolvedAtStep">Global step of the first of three consecutive evaluations over the env's mark; null when that never was.</param>
/// <param name="SolvedAtSeconds">Seconds from the first worker's start to that evaluation's result; null like SolvedAtStep.</param>
/// <param name="Evaluation">Evaluation of the last policy at the end; null when none was asked for.</param>
/// <param name="BestEvaluation">The same of the best policy.</param>
/// <param name="Faults">What went wrong and was survived.</param>
/// <param name="PolicyLag">Policy lag in updates over all applied gradients.</param>
/// <param name="StopReason">Why the run ended: <c>completed</c>, <c>solved</c>, <c>stopped</c> (the user) or <c>failed</c>.</param>
/// <param name="StopDetail">For a failed run, what happened and what to do, in a sentence or two; otherwise null.</param>
/// <param name="ParametersSha256">SHA-256 of the last parameters' bytes (little-endian float32), lower-case hex.</param>
/// <param name="Snapshots">How the run was kept.</param>
public sealed record RunSummary(
    string Algorithm,
    string Environment,
    ulong Seed,
    int Workers,
    string Engine,
    long EnvironmentSteps,
    long Updates,
    double WallSeconds,
    double EnvironmentStepsPerSecond,
    long? SolvedAtStep,
    double? SolvedAtSeconds,
    EvaluationResult? Evaluation,
    [property: JsonPropertyOrder(1)] EvaluationResult? BestEvaluation,
    FaultCounts Faults,
    PolicyLagRange PolicyLag,
    string StopReason,
    [property: JsonPropertyOrder(1)] string? StopDetail,
    string ParametersSha256,
    [property: JsonPropertyOrder(1)] SnapshotSummary Snapshots)
{
    /// <summary>Whether the run failed because another process has taken it over.</summary>
    [JsonIgnore]
    public bool IsFenced { get; init; }
}

/// <summary>How the run was kept.</summary>
/// <param name="Incarnation">Lives of the learner so far, over all processes of the run.</param>
/// <param name="ResumedAtStep">Global step that this process went on from; null when it began the run.</param>
/// <param name="ResumedExactly">Whether it went on bit for bit rather than with fresh episodes; null when it began the run.</param>
/// <param name="Saved">Snapshots stored by this process.</param>
/// <param name="LatestStep">Global step of the latest of them; null when there is none.</param>
public sealed record SnapshotSummary(long Incarnation, long? ResumedAtStep, bool? ResumedExactly, int Saved, long? LatestStep);

/// <summary>Undiscounted raw returns of an evaluation's episodes.</summary>
/// <param name="Episodes">How many.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Their (population) standard deviation.</param>
/// <param name="Minimum">The worst.</param>
/// <param name="Maximum">The best.</param>
public sealed record EvaluationResult(int Episodes, double Mean, double StandardDeviation, double Minimum, double Maximum);

/// <summary>Faults by kind; each is counted once.</summary>
/// <param name="EnvironmentFaults">An env threw, or returned something that is not an observation or a reward.</param>
/// <param name="WorkerFaults">A worker threw for another reason.</param>
/// <param name="NonFiniteGradients">Gradients refused because they were not finite.</param>
/// <param name="Stalls">Workers replaced because they did not answer.</param>
/// <param name="DroppedForLag">Gradients dropped because of their policy lag (not a fault of the budget).</param>
/// <param name="LearnerFaults">The learner threw, and went on from the last snapshot or from the start.</param>
/// <param name="Divergences">Parameters were not finite, or no gradient was; the run was rolled back.</param>
/// <param name="StaleGradients">Gradients of a former life of the learner, refused (not a fault of the budget).</param>
/// <param name="StorageFaults">Snapshots that could not be stored, or not be read (not a fault of the budget).</param>
/// <param name="LostNodes">Nodes of a cluster that were lost (not a fault of the budget).</param>
public sealed record FaultCounts(int EnvironmentFaults = 0, int WorkerFaults = 0, int NonFiniteGradients = 0, int Stalls = 0, int DroppedForLag = 0,
    int LearnerFaults = 0, int Divergences = 0, int StaleGradients = 0, int StorageFaults = 0, int LostNodes = 0)
{
    /// <summary>What counts against the fault budget.</summary>
    [JsonIgnore]
    public int Total => EnvironmentFaults + WorkerFaults + NonFiniteGradients + Stalls + LearnerFaults + Divergences;

    /// <summary>These counts and one more.</summary>
    public FaultCounts With(FaultKind kind) => kind switch
    {
        FaultKind.Environment => this with { EnvironmentFaults = EnvironmentFaults + 1 },
        FaultKind.Worker => this with { WorkerFaults = WorkerFaults + 1 },
        FaultKind.NonFiniteGradient => this with { NonFiniteGradients = NonFiniteGradients + 1 },
        FaultKind.Stall => this with { Stalls = Stalls + 1 },
        FaultKind.Learner => this with { LearnerFaults = LearnerFaults + 1 },
        FaultKind.Divergence => this with { Divergences = Divergences + 1 },
        FaultKind.StaleGradient => this with { StaleGradients = StaleGradients + 1 },
        FaultKind.Storage => this with { StorageFaults = StorageFaults + 1 },
        FaultKind.Node => this with { LostNodes = LostNodes + 1 },
        _ => this with { DroppedForLag = DroppedForLag + 1 },
    };
}

/// <summary>Policy lag in updates over all applied gradients.</summary>
public sealed record PolicyLagRange(long Minimum, double Mean, long Maximum);
