using System.ComponentModel.DataAnnotations;

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
