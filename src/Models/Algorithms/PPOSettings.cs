using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of PPO with clipping. See <see cref="PPO"/> for what each does in the algorithm.</summary>
public sealed record PPOSettings : RolloutSettings
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

    /// <summary>ε: how far w = π / μ may leave 1, at the first env step.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double ClipRange { get; init; } = 0.2;

    /// <summary>ε at the last env step, reached linearly; equal to the first for a constant one.</summary>
    [Range(0.0, 1.0)]
    public double FinalClipRange { get; init; } = 0.2;

    /// <summary>How far V(s) may move from what it was before it stops learning; 0 for no such clipping.</summary>
    [Range(0.0, 1e9)]
    public double ValueClipRange { get; init; }

    /// <summary>KL of the old policy from the new one, nats, past whose 1.5-fold the batch is left; 0 for no early stop.</summary>
    [Range(0.0, 1000.0)]
    public double TargetDivergence { get; init; }

    /// <summary>Whether the advantages of each minibatch are brought to mean 0 and standard deviation 1.</summary>
    public bool NormalizeAdvantages { get; init; } = true;
}
