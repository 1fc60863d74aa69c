using System.Collections.Immutable;

namespace AkkaRL.Models.Networks;

/// <summary>What a user chooses about a network; the sizes of its ends come from the env.</summary>
public sealed record NetworkSettings
{
    /// <summary>Widths of the hidden layers, input side first.</summary>
    public ImmutableArray<int> Hidden { get; init; } = [64, 64];

    /// <summary>The nonlinearity after each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>Whether policy and value function share their hidden layers; otherwise each has its own.</summary>
    public bool SharedTrunk { get; init; } = true;

    /// <summary>Equal when every choice is.</summary>
    public bool Equals(NetworkSettings? other) =>
        other is not null && Hidden.SequenceEqual(other.Hidden) && Activation == other.Activation && SharedTrunk == other.SharedTrunk;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Hidden.Aggregate(17, HashCode.Combine), Activation, SharedTrunk);
}
