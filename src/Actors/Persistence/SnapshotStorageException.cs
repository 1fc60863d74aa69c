namespace AkkaRL.Actors.Persistence;

/// <summary>A run cannot be resumed: its snapshots cannot be read, or belong to another process. The message says what to do.</summary>
public sealed class SnapshotStorageException(string message) : Exception(message);
