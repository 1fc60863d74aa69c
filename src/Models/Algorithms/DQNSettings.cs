using System.ComponentModel.DataAnnotations;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of DQN. See <see cref="DQN"/> for what each does in the algorithm.</summary>
public sealed record DQNSettings : ReplaySettings
{
    /// <summary>Hard updates of the target network, as published.</summary>
    public DQNSettings() => (TargetInterval, TargetRate) = (250, 1);

    /// <summary>Whether the online network chooses the next action that the target network judges.</summary>
    public bool DoubleQ { get; init; } = true;

    /// <summary>Whether the network has a value head and an advantage head.</summary>
    public bool Dueling { get; init; }

    /// <summary>K: atoms of a distribution of the return, which is learnt in place of its mean; 0 or 1 for the mean alone.</summary>
    [Range(0, ReturnDistribution.MaximumAtoms)]
    public int Atoms { get; init; }

    /// <summary>The smallest atom: returns below it count as this.</summary>
    [Range(-1e9, 1e9)]
    public double ValueMinimum { get; init; } = -100;

    /// <summary>The largest atom: returns above it count as this.</summary>
    [Range(-1e9, 1e9)]
    public double ValueMaximum { get; init; } = 100;

    /// <summary>Whether learnt noise on the weights explores, in place of ε.</summary>
    public bool Noisy { get; init; }

    /// <summary>σ₀: deviation of that noise at the start, times the root of a layer's inputs.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double NoiseSigma { get; init; } = 0.5;

    /// <summary>ε at the first env step: the probability of a random action.</summary>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1;

    /// <summary>ε at the end of exploration and from then on.</summary>
    [Range(0.0, 1.0)]
    public double FinalEpsilon { get; init; } = 0.05;

    /// <summary>Which part of the run's env steps ε falls over.</summary>
    [Range(0.0, 1.0)]
    public double ExplorationFraction { get; init; } = 0.15;
}
