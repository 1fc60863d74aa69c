using System.Collections.Immutable;

namespace AkkaRL.Actors.Protocol;

/// <summary>
/// What a process and a node's gate say to each other before the process is a member, and what anyone may ask who is let in by the transport.
/// This conversation outlives versions: fields are added, never changed.
/// </summary>
public static class Admission
{
    /// <summary>A message between nodes.</summary>
    public interface IMessage;

    /// <summary>May I join? Answered by <see cref="Admitted"/> or <see cref="TurnedAway"/>.</summary>
    /// <param name="Cluster">The cluster's name, as the asker knows it.</param>
    /// <param name="Version">Its software's version.</param>
    /// <param name="Roles">What it would do.</param>
    /// <param name="RunId">The run that it wants to take part in; empty for whichever it is.</param>
    /// <param name="Address">Where it would listen, <c>host:port</c>: it may be the next life of a member that was lost.</param>
    public sealed record RequestAdmission(string Cluster, string Version, ImmutableArray<string> Roles, string RunId, string Address) : IMessage;

    /// <summary>The asker may join.</summary>
    /// <param name="RunId">What the run is called in the database.</param>
    /// <param name="Settings">The run's settings, as <c>effective.conf</c> has them.</param>
    public sealed record Admitted(string RunId, string Settings) : IMessage;

    /// <summary>The asker may not join.</summary>
    /// <param name="Reason">Why, and what to do: a paragraph for a person.</param>
    public sealed record TurnedAway(string Reason) : IMessage;

    /// <summary>How are things? Answered by <see cref="ClusterDescribed"/>.</summary>
    public sealed record RequestStatus : IMessage;

    /// <summary>How things are.</summary>
    /// <param name="Cluster">The cluster's name.</param>
    /// <param name="Version">The answering node's software.</param>
    /// <param name="RunId">What the run is called in the database.</param>
    /// <param name="Experiment">What is trained: algorithm and env.</param>
    /// <param name="Members">The cluster's nodes.</param>
    /// <param name="Run">How the run is; null when no learner answered within a second.</param>
    public sealed record ClusterDescribed(
        string Cluster, string Version, string RunId, string Experiment, ImmutableArray<MemberDescribed> Members, RunStatus? Run) : IMessage;

    /// <summary>One node.</summary>
    /// <param name="Address"><c>host:port</c>.</param>
    /// <param name="State">Its state in the cluster: <c>joining</c>, <c>up</c>, <c>leaving</c>, <c>exiting</c>, <c>down</c>; <c>unreachable</c> when it does not answer.</param>
    /// <param name="Roles">What it does.</param>
    /// <param name="Workers">Its worker actors; null when the learner does not know the node.</param>
    /// <param name="StepsPerSecond">Env steps a second that the learner took from it; null like Workers.</param>
    /// <param name="PolicyLag">Mean policy lag of what the learner took from it, updates; null like Workers.</param>
    public sealed record MemberDescribed(string Address, string State, ImmutableArray<string> Roles, int? Workers, double? StepsPerSecond, double? PolicyLag);

    /// <summary>How the run is.</summary>
    /// <param name="Incarnation">Which life of the learner.</param>
    /// <param name="GlobalStep">Env steps applied.</param>
    /// <param name="TotalSteps">Env steps after which it ends.</param>
    /// <param name="SnapshotStep">Global step of the newest snapshot; -1 for none.</param>
    public sealed record RunStatus(long Incarnation, long GlobalStep, long TotalSteps, long SnapshotStep);

    /// <summary>The run has ended; whoever has nothing else to do may go.</summary>
    /// <param name="Reason">Why it ended.</param>
    public sealed record RunOver(string Reason) : IMessage;
}
