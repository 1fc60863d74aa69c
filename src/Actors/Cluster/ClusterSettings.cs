using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace AkkaRL.Actors.Cluster;

/// <summary>How this process is a node of a cluster. Every node has its own: nothing here changes what the run means.</summary>
public sealed record ClusterSettings
{
    /// <summary>The cluster's name: nodes of another are turned away.</summary>
    public string Name { get; init; } = "akkarl";

    /// <summary>What the run is called in the database; empty for the name that its first learner gives it.</summary>
    public string RunId { get; init; } = "";

    /// <summary>What this node does: <c>learner</c>, <c>worker</c>, <c>witness</c>.</summary>
    public ImmutableArray<string> Roles { get; init; } = ["learner", "worker"];

    /// <summary>Worker actors of this node; 0 for one a core.</summary>
    [Range(0, 1024)]
    public int Workers { get; init; }

    /// <summary>The address that this node listens on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port that this node listens on; 0 for any that is free.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 4053;

    /// <summary>The name or address that other nodes reach this one by; empty for <see cref="Host"/>.</summary>
    public string AdvertisedHost { get; init; } = "";

    /// <summary>Nodes to join, each <c>host:port</c>. The first of them, and a learner without any, begins a cluster when no other answers.</summary>
    public ImmutableArray<string> SeedNodes { get; init; } = [];

    /// <summary>How long a node looks for a seed node that admits it.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it must be clear which nodes cannot be reached before the smaller part of them is put out.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Wait after a node was put out before another takes its duties: the time that it has to notice.</summary>
    public TimeSpan RemovalMargin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest message between nodes, kB.</summary>
    [Range(128, 4096)]
    public int MaximumFrame { get; init; } = 128;

    /// <summary>Whether to listen beyond this machine without certificates.</summary>
    public bool InsistInsecure { get; init; }

    /// <summary>The certificates by which nodes know each other.</summary>
    public TlsSettings Tls { get; init; } = new();

    /// <summary>How the links between the learner and the nodes go.</summary>
    public LinkSettings Link { get; init; } = new();

    /// <summary>Whether nodes show certificates to each other.</summary>
    [JsonIgnore]
    public bool HasTls => Tls != new TlsSettings();

    /// <summary>Equal when every choice is.</summary>
    public bool Equals(ClusterSettings? other) =>
        other is not null && Name == other.Name && RunId == other.RunId && Roles.SequenceEqual(other.Roles) && Workers == other.Workers
        && Host == other.Host && Port == other.Port && AdvertisedHost == other.AdvertisedHost && SeedNodes.SequenceEqual(other.SeedNodes)
        && JoinTimeout == other.JoinTimeout && StableAfter == other.StableAfter && RemovalMargin == other.RemovalMargin
        && MaximumFrame == other.MaximumFrame && InsistInsecure == other.InsistInsecure && Tls == other.Tls && Link == other.Link;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, RunId, Workers, Host, Port, AdvertisedHost, SeedNodes.Length, Tls);
}

/// <summary>The certificates by which nodes know each other, as PEM files; all empty for none.</summary>
public sealed record TlsSettings
{
    /// <summary>Path of this node's certificate.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>Path of its private key.</summary>
    public string Key { get; init; } = "";

    /// <summary>Path of the authority's certificate, which has signed every node's.</summary>
    public string Authority { get; init; } = "";
}
