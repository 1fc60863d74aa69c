namespace AkkaRL.Actors.Cluster;

/// <summary>Another process has taken the run over: this one must leave the cluster and end.</summary>
public sealed class LearnerFencedException(string message) : Exception(message);
