namespace AkkaRL.Actors.Cluster;

/// <summary>A node cannot work for the run; the message says why, and what to do.</summary>
public sealed class NodeRefusedException(string message, Exception? inner = null) : Exception(message, inner);
