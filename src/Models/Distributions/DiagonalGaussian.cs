using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Distributions;

/// <summary>
/// Independent normal actions aᵢ ~ N(μᵢ, σᵢ²): the means μ [A] come from the policy head, the log standard deviations log σ [A] are
/// constants that do not depend on the observation.
/// </summary>
/// <remarks>
/// log σ is clamped to [<see cref="MinimumLogStandardDeviation"/>, <see cref="MaximumLogStandardDeviation"/>]; outside, its gradient is zero.
/// With z = (a − μ) / σ: log π(a) = Σ −½ z² − log σ − ½ log 2π; H = Σ log σ + ½ log 2πe;
/// ∂ log π / ∂μ = z / σ; ∂ log π / ∂ log σ = z² − 1; ∂H / ∂ log σ = 1.
/// Source: R. Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning" (1992), section 6.
/// Actions are not clipped to any bounds here: what is sampled is what the log-probability is of. Hot path: nothing allocated.
/// </remarks>
public sealed class DiagonalGaussian : PolicyDistribution
{
    /// <summary>σ = 4.5e-5: were it narrower, the mean's gradient, which grows with 1 / σ, would drown all others.</summary>
    public const float MinimumLogStandardDeviation = -10;

    /// <summary>σ = 7.4: noise at any usual scale of actions.</summary>
    public const float MaximumLogStandardDeviation = 2;

    private const float HalfLogTwoPi = 0.91893853f;

    /// <summary>A distribution over actions of <paramref name="actionSize"/> floats.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1.</exception>
    public DiagonalGaussian(int actionSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actionSize, 1);
        ActionSize = actionSize;
    }

    /// <summary>A: one mean each.</summary>
    public override int HeadSize => ActionSize;

    /// <summary>A: one log standard deviation each.</summary>
    public override int ConstantSize => ActionSize;

    /// <inheritdoc/>
    public override int ActionSize { get; }

    /// <inheritdoc/>
    public override float Sample(ReadOnlySpan<float> parameters, RandomStream random, Span<float> action)
    {
        var logProbability = 0f;
        for (var i = 0; i < ActionSize; i++)
        {
            var logSigma = LogSigma(parameters, i);
            var z = (float)random.NextNormal();
            action[i] = parameters[i] + MathF.Exp(logSigma) * z;
            logProbability -= 0.5f * z * z + logSigma + HalfLogTwoPi;
        }
        return logProbability;
    }

    /// <summary>The means [A].</summary>
    public override void Mode(ReadOnlySpan<float> parameters, Span<float> action) => parameters[..ActionSize].CopyTo(action);

    /// <inheritdoc/>
    public override float LogProbability(ReadOnlySpan<float> parameters, ReadOnlySpan<float> action)
    {
        var logProbability = 0f;
        for (var i = 0; i < ActionSize; i++)
        {
            var logSigma = LogSigma(parameters, i);
            var z = (action[i] - parameters[i]) * MathF.Exp(-logSigma);
            logProbability -= 0.5f * z * z + logSigma + HalfLogTwoPi;
        }
        return logProbability;
    }

    /// <inheritdoc/>
    public override float Entropy(ReadOnlySpan<float> parameters)
    {
        var entropy = ActionSize * (HalfLogTwoPi + 0.5f);
        for (var i = 0; i < ActionSize; i++)
            entropy += LogSigma(parameters, i);
        return entropy;
    }

    /// <inheritdoc/>
    public override (float LogProbability, float Entropy) Differentiate(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> action, Span<float> score, Span<float> entropyGradient)
    {
        var (logProbability, entropy) = (0f, ActionSize * (HalfLogTwoPi + 0.5f));
        for (var i = 0; i < ActionSize; i++)
        {
            var logSigma = LogSigma(parameters, i);
            var inverse = MathF.Exp(-logSigma);
            var z = (action[i] - parameters[i]) * inverse;
            (score[i], entropyGradient[i]) = (z * inverse, 0);
            var isClamped = logSigma != parameters[ActionSize + i];
            (score[ActionSize + i], entropyGradient[ActionSize + i]) = isClamped ? (0, 0) : (z * z - 1, 1);
            logProbability -= 0.5f * z * z + logSigma + HalfLogTwoPi;
            entropy += logSigma;
        }
        return (logProbability, entropy);
    }

    /// <summary>
    /// KL(μ ‖ π) = Σ log σ − log σ_μ + ½ (σ_μ² + d²) / σ² − ½, d the difference of the means;
    /// ∂ / ∂ mean = −d / σ²; ∂ / ∂ log σ = 1 − (σ_μ² + d²) / σ².
    /// </summary>
    public override float AddDivergenceGradient(
        ReadOnlySpan<float> behaviour, ReadOnlySpan<float> parameters, float weight, Span<float> gradient)
    {
        var divergence = 0f;
        for (var i = 0; i < ActionSize; i++)
        {
            var (oldLogSigma, logSigma) = (LogSigma(behaviour, i), LogSigma(parameters, i));
            var inverse = MathF.Exp(-logSigma);
            var d = (behaviour[i] - parameters[i]) * inverse;
            var spread = MathF.Exp(oldLogSigma - logSigma);
            var square = spread * spread + d * d;
            divergence += logSigma - oldLogSigma + 0.5f * (square - 1);
            gradient[i] -= weight * d * inverse;
            if (logSigma == parameters[ActionSize + i])
                gradient[ActionSize + i] += weight * (1 - square);
        }
        return divergence;
    }

    private float LogSigma(ReadOnlySpan<float> parameters, int i) =>
        Math.Clamp(parameters[ActionSize + i], MinimumLogStandardDeviation, MaximumLogStandardDeviation);
}
