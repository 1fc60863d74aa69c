using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Persistence;

/// <summary>What a snapshot is of: its label, beside the state that the training shape captured.</summary>
public sealed record SnapshotInfo
{
    /// <summary>The algorithm's name.</summary>
    public required string Algorithm { get; init; }

    /// <summary>The env's id.</summary>
    public required string Environment { get; init; }

    /// <summary>The run's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Env steps applied.</summary>
    public required long GlobalStep { get; init; }

    /// <summary>The parameter version.</summary>
    public required long Updates { get; init; }

    /// <summary>Seconds of training before it, over all lives of the run.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Which life of the learner made it.</summary>
    public required long Incarnation { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the run goes on from it bit for bit: env states and random numbers of the workers are in it.</summary>
    public required bool IsExact { get; init; }

    /// <summary>Run events told to the listener before it: <see cref="ProgressReported"/>, <see cref="EvaluationReported"/> and <see cref="FaultReported"/>.</summary>
    public required long Rows { get; init; }

    /// <summary>How often the divergence guard has rolled the run back.</summary>
    public required int Rollbacks { get; init; }

    /// <summary>Faults survived.</summary>
    public required FaultCounts Faults { get; init; }
}
