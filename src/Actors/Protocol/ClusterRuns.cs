namespace AkkaRL.Actors.Protocol;

/// <summary>The conversation about a run between the nodes of a cluster. Who is meant by a message is its sender. Everything here crosses the wire.</summary>
public static class ClusterRuns
{
    /// <summary>Node to learner: this node wants to work for the run; said again and again until it is answered.</summary>
    /// <param name="Name">What reports call the node.</param>
    /// <param name="Workers">The most workers that it offers.</param>
    /// <param name="Version">Of its software and of the wire; only the learner's own is admitted.</param>
    /// <param name="RunId">The run that it was started for; empty for any.</param>
    /// <param name="Attempt">Counts how often the node has had to look for the learner: the same question again, or a new one.</param>
    public sealed record JoinRun(string Name, int Workers, string Version, string RunId, long Attempt);

    /// <summary>Link to node: it belongs to the run now; its link is the sender.</summary>
    /// <param name="Label">What messages of the link carry.</param>
    /// <param name="Settings">The run's settings, JSON.</param>
    public sealed record NodeAdmitted(LinkLabel Label, string Settings);

    /// <summary>Learner to node: it cannot work for this run, and need not ask again.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    public sealed record JoinRefused(string Reason);

    /// <summary>Learner to nodes and to the other candidates: the run is over.</summary>
    /// <param name="RunId">Which run.</param>
    /// <param name="Reason">One of <see cref="StopReasons"/>.</param>
    /// <param name="Detail">For a failed run, what happened; otherwise empty.</param>
    public sealed record RunEnded(string RunId, string Reason, string Detail);

    /// <summary>Anyone to learner: how does the run stand?</summary>
    public sealed record DescribeRun;

    /// <summary>Learner to who asked.</summary>
    /// <param name="RunId">Which run.</param>
    /// <param name="Incarnation">Which life of the learner.</param>
    /// <param name="GlobalStep">Env steps, as of the latest progress report.</param>
    /// <param name="TotalSteps">Env steps of the run.</param>
    /// <param name="SnapshotStep">Env steps that are safe; -1 before the first snapshot.</param>
    /// <param name="Nodes">The nodes that work for it.</param>
    public sealed record RunDescribed(string RunId, long Incarnation, long GlobalStep, long TotalSteps, long SnapshotStep, IReadOnlyList<NodeDescribed> Nodes);
}

/// <summary>Which link between a learner and a node a message belongs to. Those of another run, of another life of the learner or of a former link are refused.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Incarnation">The learner's life.</param>
/// <param name="Link">Counts the links of that life.</param>
public sealed record LinkLabel(string RunId, long Incarnation, long Link);

/// <summary>A node that works for a run.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Workers">Workers that it runs.</param>
/// <param name="StepsPerSecond">Env steps a second since the last time somebody asked.</param>
/// <param name="PolicyLag">Mean policy lag of what it sent since then, updates; 0 where data have none.</param>
/// <param name="Refused">Messages of it that were refused.</param>
public sealed record NodeDescribed(string Name, string Address, int Workers, double StepsPerSecond, double PolicyLag, long Refused);
