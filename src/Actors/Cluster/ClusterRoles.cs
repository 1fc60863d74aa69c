namespace AkkaRL.Actors.Cluster;

/// <summary>What a node does.</summary>
public static class ClusterRoles
{
    /// <summary>May be the one that has the learner.</summary>
    public const string Learner = "learner";

    /// <summary>Has workers.</summary>
    public const string Worker = "worker";

    /// <summary>Is counted when the cluster decides which part of it goes on, and does nothing else.</summary>
    public const string Witness = "witness";
}
