using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Distributions;

/// <summary>
/// Independent actions a_i = tanh u_i in (−1, 1), u_i ~ N(μ_i, σ_i²), given by an output row [2A]: the means, then the log standard deviations.
/// Sampled by u = μ + σ ε, so that a sample has gradients with respect to the row.
/// </summary>
/// <remarks>
/// log π(a) = Σ −½ε² − log σ − ½ log 2π − log(1 − tanh² u). With ε held: ∂ log π/∂u = 2a, ∂a/∂u = 1 − a², ∂u/∂μ = 1, ∂u/∂ log σ = σ ε, and
/// −1 for log σ itself. Source: T. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications" (2018), appendix C.
/// log σ is clamped to [−20, 2]; outside, its gradient is zero. Hot path: nothing allocated.
/// </remarks>
/// <param name="actionSize">A.</param>
public sealed class SquashedGaussian(int actionSize)
{
    private const float HalfLogTwoPi = 0.91893853f;
    private const float MinimumLogSigma = -20, MaximumLogSigma = 2;

    /// <summary>A.</summary>
    public int ActionSize => actionSize;

    /// <summary>Draws ε ~ N(0, 1) [A], writes it and the action [A], and returns log π(a).</summary>
    public float Sample(ReadOnlySpan<float> row, RandomStream random, Span<float> epsilon, Span<float> action)
    {
        foreach (ref var component in epsilon)
            component = (float)random.NextNormal();
        return Transform(row, epsilon, action);
    }

    /// <summary>The action [A] that a noise ε [A] makes; returns log π(a).</summary>
    public float Transform(ReadOnlySpan<float> row, ReadOnlySpan<float> epsilon, Span<float> action)
    {
        var logProbability = 0f;
        for (var i = 0; i < actionSize; i++)
        {
            var logSigma = Math.Clamp(row[actionSize + i], MinimumLogSigma, MaximumLogSigma);
            var u = row[i] + MathF.Exp(logSigma) * epsilon[i];
            action[i] = MathF.Tanh(u);
            logProbability -= 0.5f * epsilon[i] * epsilon[i] + logSigma + HalfLogTwoPi + LogSlope(u);
        }
        return logProbability;
    }

    /// <summary>Writes ∂L/∂row [2A] for L with ∂L/∂ log π = <paramref name="logProbabilityWeight"/> and the given ∂L/∂a, ε held.</summary>
    /// <param name="row">The output row [2A].</param>
    /// <param name="epsilon">ε [A] of the sample.</param>
    /// <param name="action">a [A] of the sample.</param>
    /// <param name="logProbabilityWeight">∂L/∂ log π.</param>
    /// <param name="actionGradient">∂L/∂a [A] other than through log π.</param>
    /// <param name="gradient">Receives ∂L/∂row [2A].</param>
    public void Gradient(
        ReadOnlySpan<float> row, ReadOnlySpan<float> epsilon, ReadOnlySpan<float> action, float logProbabilityWeight,
        ReadOnlySpan<float> actionGradient, Span<float> gradient)
    {
        for (var i = 0; i < actionSize; i++)
        {
            var logSigma = Math.Clamp(row[actionSize + i], MinimumLogSigma, MaximumLogSigma);
            var a = action[i];
            var ofU = logProbabilityWeight * 2 * a + actionGradient[i] * (1 - a * a);
            gradient[i] = ofU;
            gradient[actionSize + i] = logSigma != row[actionSize + i] ? 0 : ofU * MathF.Exp(logSigma) * epsilon[i] - logProbabilityWeight;
        }
    }

    /// <summary>log(1 − tanh² u) = 2 (log 2 − u − softplus(−2u)), which does not underflow.</summary>
    private static float LogSlope(float u)
    {
        var x = MathF.Abs(u);
        return 2 * (0.6931472f - x - MathF.Log(1 + MathF.Exp(-2 * x)));
    }
}
