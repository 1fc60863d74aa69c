namespace AkkaRL.Actors.Cluster;

/// <summary>This node was put out of the cluster, or its actor system ended: its process is to be started anew.</summary>
public sealed class ClusterLeftException(string message) : Exception(message);
