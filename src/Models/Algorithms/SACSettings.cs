using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of SAC. See <see cref="SAC"/> for what each does in the algorithm.</summary>
public sealed record SACSettings : ReplaySettings
{
    /// <summary>A batch and no clipping, as is usual for critics of actions.</summary>
    public SACSettings() => (BatchSize, MaximumGradientNorm) = (256, 0);

    /// <summary>The policy's and the temperature's learning rate as a multiple of the critics'.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true)]
    public double PolicyRateFactor { get; init; } = 1;

    /// <summary>α: weight of the entropy at the first update, per nat.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true)]
    public double Temperature { get; init; } = 1;

    /// <summary>Whether α is learned, so that the entropy comes to its target.</summary>
    public bool LearnTemperature { get; init; } = true;

    /// <summary>The entropy wanted is −A times this, nats.</summary>
    [Range(-100.0, 100.0)]
    public double TargetEntropyFactor { get; init; } = 1;

    /// <summary>ρ: how much of the workers' noise stays from step to step; 0 is the published algorithm.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double NoiseCorrelation { get; init; }
}
