namespace AkkaRL.Actors.Persistence;

/// <summary>A snapshot that must not be used; the message says why, to follow "The snapshot is refused: ".</summary>
public sealed class InvalidSnapshotException(string message) : Exception(message);
