using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters of TD3. See <see cref="TD3"/> for what each does in the algorithm.</summary>
public sealed record TD3Settings : ReplaySettings
{
    /// <summary>A batch and no clipping, as is usual for critics of actions.</summary>
    public TD3Settings() => (BatchSize, MaximumGradientNorm) = (256, 0);

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

    /// <summary>d: updates of the critics for one of the policy.</summary>
    [Range(1, 1_000)]
    public int PolicyDelay { get; init; } = 2;

    /// <summary>σ̃: standard deviation of the noise on the target policy's actions.</summary>
    [Range(0.0, 10.0)]
    public double TargetNoise { get; init; } = 0.2;

    /// <summary>c: what that noise is clipped to.</summary>
    [Range(0.0, 10.0)]
    public double TargetNoiseBound { get; init; } = 0.5;
}
