using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of A3C. See <see cref="A3C"/> for what each does in the algorithm.</summary>
public sealed record A3CSettings
{
    /// <summary>t_max: the most env steps of one worker between two gradients.</summary>
    [Range(1, 4096)]
    public int RolloutSteps { get; init; } = 5;

    /// <summary>γ: discount a step.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 0.99;

    /// <summary>λ of generalized advantage estimation; 1 is the paper's n-step advantage.</summary>
    [Range(0.0, 1.0)]
    public double GaeLambda { get; init; } = 1;

    /// <summary>c_v: weight of the value loss ½(R − V)².</summary>
    [Range(0.0, 1000.0)]
    public double ValueCoefficient { get; init; } = 0.5;

    /// <summary>c_reg: weight of the entropy bonus (the paper's β).</summary>
    [Range(0.0, 1000.0)]
    public double EntropyCoefficient { get; init; }

    /// <summary>Global norm that a rollout's gradient is clipped to; 0 for no clipping.</summary>
    [Range(0.0, 1e9)]
    public double MaximumGradientNorm { get; init; } = 0.5;

    /// <summary>Learning rate at the first env step.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Learning rate at the last env step, reached linearly; equal to the first for a constant one.</summary>
    [Range(0.0, 10.0)]
    public double FinalLearningRate { get; init; }

    /// <summary>Factor on rewards as the learner sees them; reported returns stay raw.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double RewardScale { get; init; } = 1;

    /// <summary>Continuous actions: log standard deviation that the Gaussian policy starts with.</summary>
    [Range(-10.0, 2.0)]
    public double InitialLogStandardDeviation { get; init; }
}
