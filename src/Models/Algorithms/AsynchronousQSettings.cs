using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of the asynchronous value methods. See <see cref="OneStepQ"/>, <see cref="OneStepSarsa"/> and <see cref="NStepQ"/> for what each does.</summary>
public sealed record AsynchronousQSettings
{
    /// <summary>I_AsyncUpdate of the one-step methods, t_max of n-step Q: the most env steps of one worker between two gradients.</summary>
    [Range(1, 4096)]
    public int RolloutSteps { get; init; } = 5;

    /// <summary>γ: discount a step.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 0.99;

    /// <summary>I_target: env steps, over all workers, between two moves of the target network.</summary>
    [Range(1L, long.MaxValue)]
    public long TargetInterval { get; init; } = 1_000;

    /// <summary>ε at the first env step: the probability of a random action.</summary>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1;

    /// <summary>What a worker's ε may fall to; each worker draws its own.</summary>
    public ImmutableArray<double> FinalEpsilons { get; init; } = [0.1, 0.01, 0.5];

    /// <summary>The probabilities of these.</summary>
    public ImmutableArray<double> FinalEpsilonProbabilities { get; init; } = [0.4, 0.3, 0.3];

    /// <summary>Which part of the run's env steps ε falls over.</summary>
    [Range(0.0, 1.0)]
    public double ExplorationFraction { get; init; } = 0.2;

    /// <summary>Global norm that a rollout's gradient is clipped to; 0 for no clipping.</summary>
    [Range(0.0, 1e9)]
    public double MaximumGradientNorm { get; init; } = 5;

    /// <summary>Learning rate at the first env step.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Learning rate at the last env step, reached linearly; equal to the first for a constant one.</summary>
    [Range(0.0, 10.0)]
    public double FinalLearningRate { get; init; }

    /// <summary>Factor on rewards as the learner sees them; reported returns stay raw.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double RewardScale { get; init; } = 1;

    /// <summary>Equal when every choice is.</summary>
    public bool Equals(AsynchronousQSettings? other) =>
        other is not null && Values.Equals(other.Values)
        && FinalEpsilons.SequenceEqual(other.FinalEpsilons) && FinalEpsilonProbabilities.SequenceEqual(other.FinalEpsilonProbabilities);

    /// <inheritdoc/>
    public override int GetHashCode() => Values.GetHashCode();

    private (int, double, long, double, double, double, double, double, double) Values =>
        (RolloutSteps, Gamma, TargetInterval, Epsilon, ExplorationFraction, MaximumGradientNorm, LearningRate, FinalLearningRate, RewardScale);
}
