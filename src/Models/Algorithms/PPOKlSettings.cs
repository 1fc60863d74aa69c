using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of PPO with an adaptive KL penalty. See <see cref="PPOKl"/> for what each does in the algorithm.</summary>
public sealed record PPOKlSettings : RolloutSettings
{
    /// <summary>λ of generalized advantage estimation.</summary>
    [Range(0.0, 1.0)]
    public double GaeLambda { get; init; } = 0.95;

    /// <summary>K: passes over a batch.</summary>
    [Range(1, 1000)]
    public int Epochs { get; init; } = 10;

    /// <summary>M: the most rows of a minibatch; at most a batch.</summary>
    [Range(1, 10_000_000)]
    public int MinibatchSize { get; init; } = 64;

    /// <summary>d_targ: the KL of the old policy from the new one, nats, that a batch should come to.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true)]
    public double TargetDivergence { get; init; } = 0.01;

    /// <summary>β: weight of the KL penalty in the first batch.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double InitialPenalty { get; init; } = 1;

    /// <summary>Whether the advantages of each minibatch are brought to mean 0 and standard deviation 1.</summary>
    public bool NormalizeAdvantages { get; init; } = true;
}
