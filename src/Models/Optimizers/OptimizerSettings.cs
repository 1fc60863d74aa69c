using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Optimizers;

/// <summary>The update rules to choose from.</summary>
public enum OptimizerKind
{
    /// <summary>RMSProp as in the A3C paper: non-centred, epsilon inside the root, statistics shared by all workers.</summary>
    RMSProp,

    /// <summary>Adam with bias correction.</summary>
    Adam,

    /// <summary>Stochastic gradient descent with momentum.</summary>
    SGD,
}

/// <summary>The optimizer and its constants; the learning rate belongs to the algorithm.</summary>
public sealed record OptimizerSettings
{
    /// <summary>The update rule.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.RMSProp;

    /// <summary>RMSProp's α: how much of the mean square is kept each update.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Decay { get; init; } = 0.99;

    /// <summary>ε, inside the root for RMSProp, outside for Adam.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>What RMSProp's mean square starts at; 1 keeps the first steps small, 0 is the paper's.</summary>
    [Range(0.0, 1000.0)]
    public double InitialMeanSquare { get; init; }

    /// <summary>Adam's β₁.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's β₂.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>SGD's momentum; 0 for none.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Momentum { get; init; }
}
