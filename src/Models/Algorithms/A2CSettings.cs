using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>What an actor-critic estimates values from.</summary>
public enum ValueEstimate
{
    /// <summary>Rollouts of a fixed length, bootstrapped with V: n-step, GAE, and TD with λ = 0.</summary>
    Rollout,

    /// <summary>Whole episodes: Monte-Carlo returns.</summary>
    Episode,
}

/// <summary>Hyperparameters of A2C. See <see cref="A2C"/> for what each does in the algorithm.</summary>
public sealed record A2CSettings : RolloutSettings
{
    /// <summary>Whether values are estimated from rollouts of a fixed length (TD) or from whole episodes (Monte-Carlo).</summary>
    public ValueEstimate Estimate { get; init; } = ValueEstimate.Rollout;

    /// <summary>λ of generalized advantage estimation over rollouts; 1 is the n-step advantage, 0 the TD error. Whole episodes have 1.</summary>
    [Range(0.0, 1.0)]
    public double GaeLambda { get; init; } = 1;

    /// <summary>Whether the advantages of a batch are brought to mean 0 and standard deviation 1.</summary>
    public bool NormalizeAdvantages { get; init; }
}
