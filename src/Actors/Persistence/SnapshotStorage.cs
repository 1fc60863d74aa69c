namespace AkkaRL.Actors.Persistence;

/// <summary>How a run is kept, for <see cref="Training.TrainingRun"/>.</summary>
/// <param name="Database">Where.</param>
/// <param name="Resume">Whether to go on from the newest valid snapshot; from the start when there is none.</param>
/// <param name="FlushReports">Completes when the listener has written every event that it was told: a snapshot is stored after what came before it. Null when nobody writes.</param>
public sealed record SnapshotStorage(SnapshotDatabase Database, bool Resume = false, Func<Task>? FlushReports = null)
{
    /// <summary>For how long a take-over is tried again when the database does not answer; zero to give up at once.</summary>
    public TimeSpan TakeOverPatience { get; init; }
}
