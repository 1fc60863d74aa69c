using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Actors.Training;

/// <summary>Which database keeps a run's snapshots.</summary>
public enum SnapshotDatabaseKind
{
    /// <summary>Two files in the run's folder.</summary>
    Sqlite,

    /// <summary>A server that several machines reach.</summary>
    PostgreSql,
}

/// <summary>What becomes of a run whose snapshot cannot be stored.</summary>
public enum StorageRemedy
{
    /// <summary>It goes on, tells of it, and tries again when the next one is due.</summary>
    Continue,

    /// <summary>It ends with a report.</summary>
    Stop,
}

/// <summary>When the whole state of a run is stored, so that it can be resumed.</summary>
public sealed record SnapshotSettings
{
    /// <summary>Whether snapshots are taken.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Env steps between snapshots; 0 for not by env steps.</summary>
    [Range(0L, long.MaxValue)]
    public long IntervalSteps { get; init; }

    /// <summary>Updates between snapshots; 0 for not by updates.</summary>
    [Range(0L, long.MaxValue)]
    public long IntervalUpdates { get; init; }

    /// <summary>Time between snapshots.</summary>
    public TimeSpan IntervalTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Snapshots kept; an older one is deleted after a newer one is confirmed.</summary>
    [Range(1, 1000)]
    public int Keep { get; init; } = 2;

    /// <summary>Size of a replay, MB, above which it is kept in segment files beside the database.</summary>
    [Range(0, 1000)]
    public int ReplayLimit { get; init; } = 64;

    /// <summary>What becomes of the run when a snapshot cannot be stored.</summary>
    public StorageRemedy OnFailure { get; init; } = StorageRemedy.Continue;

    /// <summary>Which database.</summary>
    public SnapshotDatabaseKind Database { get; init; } = SnapshotDatabaseKind.Sqlite;
}

/// <summary>What happens when learning blows up: parameters that are not finite, or gradients that are not, from every worker.</summary>
public sealed record DivergenceSettings
{
    /// <summary>Factor on the learning rate after each roll-back.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double LearningRateFactor { get; init; } = 0.5;

    /// <summary>Roll-backs after which the run gives up.</summary>
    [Range(0, 1000)]
    public int MaximumRollbacks { get; init; } = 3;
}
