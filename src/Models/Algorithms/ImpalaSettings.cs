using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of IMPALA. See <see cref="Impala"/> for what each does in the algorithm.</summary>
public sealed record ImpalaSettings : RolloutSettings
{
    /// <summary>λ of V-trace; 1 is the published one.</summary>
    [Range(0.0, 1.0)]
    public double TraceLambda { get; init; } = 1;

    /// <summary>ρ̄: where the importance weight of a temporal difference and of the policy gradient is truncated.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double MaximumWeight { get; init; } = 1;

    /// <summary>c̄: where the importance weight of what follows is truncated.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double MaximumTraceWeight { get; init; } = 1;
}
