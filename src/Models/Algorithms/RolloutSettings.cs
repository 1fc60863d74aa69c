using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>The hyperparameters that every algorithm of the synchronous shape has: how data are collected, and what an update is.</summary>
public record RolloutSettings
{
    /// <summary>Envs of one worker, stepped together.</summary>
    [Range(1, 4096)]
    public int EnvsPerWorker { get; init; } = 4;

    /// <summary>
    /// The most env steps of one env in a batch. A batch has workers · envs-per-worker · this many; where whole episodes are collected,
    /// an episode that is longer is cut off here.
    /// </summary>
    [Range(1, 1_000_000)]
    public int RolloutSteps { get; init; } = 32;

    /// <summary>γ: discount a step.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 0.99;

    /// <summary>c_v: weight of the value loss ½(R − V)².</summary>
    [Range(0.0, 1000.0)]
    public double ValueCoefficient { get; init; } = 0.5;

    /// <summary>c_reg: weight of the entropy bonus.</summary>
    [Range(0.0, 1000.0)]
    public double EntropyCoefficient { get; init; }

    /// <summary>Global norm that a gradient is clipped to; 0 for no clipping.</summary>
    [Range(0.0, 1e9)]
    public double MaximumGradientNorm { get; init; } = 0.5;

    /// <summary>Learning rate at the first env step.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Learning rate at the last env step, reached linearly; equal to the first for a constant one.</summary>
    [Range(0.0, 10.0)]
    public double FinalLearningRate { get; init; }

    /// <summary>Factor on rewards as the learner sees them; reported returns stay raw.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double RewardScale { get; init; } = 1;

    /// <summary>Whether observations are brought to mean 0 and variance 1 by the statistics of those seen so far.</summary>
    public bool NormalizeObservations { get; init; }

    /// <summary>Whether rewards are divided by the standard deviation of the discounted return so far; reported returns stay raw.</summary>
    public bool NormalizeRewards { get; init; }

    /// <summary>Continuous actions: log standard deviation that the Gaussian policy starts with.</summary>
    [Range(-10.0, 2.0)]
    public double InitialLogStandardDeviation { get; init; }
}
