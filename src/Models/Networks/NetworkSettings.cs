using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Networks;

/// <summary>What a network remembers from step to step.</summary>
public enum RecurrentKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Long short-term memory (S. Hochreiter and J. Schmidhuber 1997; forget gates: F. Gers et al. 2000).</summary>
    LSTM,
}

/// <summary>What a user chooses about a network; the sizes of its ends come from the env.</summary>
public sealed record NetworkSettings
{
    /// <summary>Widths of the hidden layers, input side first.</summary>
    public ImmutableArray<int> Hidden { get; init; } = [64, 64];

    /// <summary>The nonlinearity after each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>Whether policy and value function share their hidden layers; otherwise each has its own.</summary>
    public bool SharedTrunk { get; init; } = true;

    /// <summary>Which convolution is in front of the hidden layers, for envs that observe images.</summary>
    public ConvolutionKind Convolution { get; init; }

    /// <summary>Which memory is between the hidden layers and the heads.</summary>
    public RecurrentKind Recurrent { get; init; }

    /// <summary>Units of the memory.</summary>
    [Range(1, 4096)]
    public int RecurrentUnits { get; init; } = 64;

    /// <summary>Equal when every choice is.</summary>
    public bool Equals(NetworkSettings? other) =>
        other is not null && Hidden.SequenceEqual(other.Hidden) && Activation == other.Activation && SharedTrunk == other.SharedTrunk
        && Convolution == other.Convolution && Recurrent == other.Recurrent && RecurrentUnits == other.RecurrentUnits;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Hidden.Aggregate(17, HashCode.Combine), Activation, SharedTrunk, Convolution, Recurrent, RecurrentUnits);
}
