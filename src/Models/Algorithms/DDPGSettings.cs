using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of DDPG. See <see cref="DDPG"/> for what each does in the algorithm.</summary>
public sealed record DDPGSettings : ReplaySettings
{
    /// <summary>A batch and no clipping, as is usual for critics of actions.</summary>
    public DDPGSettings() => (BatchSize, MaximumGradientNorm) = (256, 0);

    /// <summary>Which noise the workers act with.</summary>
    public NoiseKind Noise { get; init; } = NoiseKind.Gaussian;

    /// <summary>σ: standard deviation of the noise a step, on actions of −1 to 1.</summary>
    [Range(0.0, 10.0)]
    public double NoiseScale { get; init; } = 0.1;

    /// <summary>θ of Ornstein-Uhlenbeck noise: how much of it is lost each step.</summary>
    [Range(0.0, 1.0)]
    public double NoiseReversion { get; init; } = 0.15;

    /// <summary>The policy's learning rate as a multiple of the critic's.</summary>
    [Range(0.0, 1000.0, MinimumIsExclusive = true)]
    public double PolicyRateFactor { get; init; } = 1;
}
