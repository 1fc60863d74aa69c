using System.ComponentModel.DataAnnotations;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Actors.Cluster;

/// <summary>How the links between a learner and its nodes go.</summary>
public sealed record LinkSettings
{
    /// <summary>Time between two signs of life on a link.</summary>
    public TimeSpan PulseInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A side that is silent for this long is taken for dead: its workers go to other nodes, or the node looks for the learner anew.</summary>
    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The most rollouts whose updates a node combines into one message, for each of its workers (asynchronous algorithms). It combines what its workers
    /// finish while a message is on its way: one rollout each of a slow env, many of a fast one. Where it has finished so many, its workers wait.
    /// </summary>
    [Range(1, 10_000)]
    public int CombinedRollouts { get; init; } = 256;

    /// <summary>
    /// With more than one node: the most rollouts that are combined into the messages of all nodes together, one message each, but at least one rollout of each worker (asynchronous
    /// algorithms). What nodes change without knowing of each other is added up: where it is much, a run with a fast env does not hold what it has learned.
    /// </summary>
    [Range(1, 1_000_000)]
    public int SharedRollouts { get; init; } = 64;

    /// <summary>
    /// How exactly nodes send what their workers have changed (asynchronous algorithms); the learner's setting counts. What the rounding loses is not lost: it goes with the node's next message.
    /// </summary>
    public GradientPrecision GradientPrecision { get; init; }
}

/// <summary>What a node offers.</summary>
public sealed record NodeSettings
{
    /// <summary>What reports call it.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>The most workers that it runs; 0 for one a processor core.</summary>
    [Range(0, 1024)]
    public int Workers { get; init; }

    /// <summary>The run that it works for; null for any.</summary>
    public string? RunId { get; init; }
}
