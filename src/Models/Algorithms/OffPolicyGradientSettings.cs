using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of the off-policy policy gradient. See <see cref="OffPolicyGradient"/> for what each does in the algorithm.</summary>
public sealed record OffPolicyGradientSettings : RolloutSettings
{
    /// <summary>The steps of whole episodes: long enough for the usual time limits.</summary>
    public OffPolicyGradientSettings() => RolloutSteps = 1000;

    /// <summary>λ of generalized advantage estimation; 1 is the return of the episode minus V.</summary>
    [Range(0.0, 1.0)]
    public double GaeLambda { get; init; } = 1;

    /// <summary>K: the most updates from one batch; 1 is on-policy.</summary>
    [Range(1, 1000)]
    public int Epochs { get; init; } = 8;

    /// <summary>c: importance weights are truncated here; 0 for no truncation.</summary>
    [Range(0.0, 1e9)]
    public double MaximumWeight { get; init; } = 2;

    /// <summary>Effective sample size, as a part of the batch, under which the batch is left; 0 for never.</summary>
    [Range(0.0, 1.0)]
    public double MinimumEffectiveSamples { get; init; } = 0.5;

    /// <summary>Whether the advantages of a batch are brought to mean 0 and standard deviation 1.</summary>
    public bool NormalizeAdvantages { get; init; } = true;
}
