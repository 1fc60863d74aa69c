using System.Numerics.Tensors;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Distributions;

/// <summary>
/// One of n actions with probability πᵢ = exp(lᵢ) / Σⱼ exp(lⱼ), given by its logits l. The action is one float, its index.
/// </summary>
/// <remarks>
/// Hot path: nothing allocated. Logits are shifted by their maximum, so that none overflows. With p = π and H the entropy:
/// ∂ log π(a) / ∂lᵢ = [i = a] − pᵢ; ∂H / ∂lᵢ = −pᵢ (log pᵢ + H).
/// Source: R. Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning" (1992), section 4.
/// </remarks>
public sealed class Categorical : PolicyDistribution
{
    /// <summary>The most actions: their probabilities live on the stack.</summary>
    public const int MaximumActions = 4096;

    /// <summary>Its exponential is 0 in float32; in place of the logit of an action that is not allowed, −∞, for 0 · −∞ is not a number.</summary>
    private const float LogOfNothing = -104;

    /// <summary>A choice of one of <paramref name="actions"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 to <see cref="MaximumActions"/> actions.</exception>
    public Categorical(int actions)
    {
        if (actions is < 1 or > MaximumActions)
            throw new ArgumentOutOfRangeException(nameof(actions), actions, $"A categorical policy has 1 to {MaximumActions} actions.");
        HeadSize = actions;
    }

    /// <inheritdoc/>
    public override int HeadSize { get; }

    /// <inheritdoc/>
    public override int ConstantSize => 0;

    /// <inheritdoc/>
    public override int ActionSize => 1;

    /// <summary>Draws an action [1] by the inverse of the cumulative distribution, with one uniform number; returns its log-probability.</summary>
    /// <exception cref="ArgumentException">A logit is not a number.</exception>
    public override float Sample(ReadOnlySpan<float> parameters, RandomStream random, Span<float> action)
    {
        Span<float> weights = stackalloc float[HeadSize];
        var (maximum, sum) = Weigh(parameters, weights);
        var rest = (float)random.NextDouble() * sum;
        // Rounding may leave a rest behind the last action, and a weight of zero is never chosen.
        var chosen = -1;
        for (var i = 0; i < weights.Length && rest >= 0; i++)
        {
            if (weights[i] == 0)
                continue;
            chosen = i;
            rest -= weights[i];
        }
        if (chosen < 0)
            throw new ArgumentException($"Logits must be numbers; their exponentials sum to {sum}.", nameof(parameters));
        action[0] = chosen;
        return parameters[chosen] - maximum - MathF.Log(sum);
    }

    /// <inheritdoc/>
    public override void Mode(ReadOnlySpan<float> parameters, Span<float> action)
    {
        var best = 0;
        for (var i = 1; i < HeadSize; i++)
            if (parameters[i] > parameters[best])
                best = i;
        action[0] = best;
    }

    /// <inheritdoc/>
    public override float LogProbability(ReadOnlySpan<float> parameters, ReadOnlySpan<float> action)
    {
        var maximum = Maximum(parameters);
        var sum = 0f;
        for (var i = 0; i < HeadSize; i++)
            sum += MathF.Exp(parameters[i] - maximum);
        return parameters[(int)action[0]] - maximum - MathF.Log(sum);
    }

    /// <inheritdoc/>
    public override float Entropy(ReadOnlySpan<float> parameters)
    {
        Span<float> weights = stackalloc float[HeadSize];
        var (maximum, sum) = Weigh(parameters, weights);
        return Entropy(parameters, weights, maximum, sum, MathF.Log(sum));
    }

    /// <inheritdoc/>
    public override (float LogProbability, float Entropy) Differentiate(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> action, Span<float> score, Span<float> entropyGradient)
    {
        var (maximum, sum) = Weigh(parameters, score);
        var logSum = MathF.Log(sum);
        var entropy = Entropy(parameters, score, maximum, sum, logSum);
        var shift = entropy - maximum - logSum;
        for (var i = 0; i < HeadSize; i++)
        {
            var p = score[i] / sum;
            score[i] = -p;
            // A logit of −∞ (an action that is not allowed) has p = 0, and 0 · log 0 is 0.
            entropyGradient[i] = p == 0 ? 0 : -p * (parameters[i] + shift);
        }
        var chosen = (int)action[0];
        score[chosen] += 1;
        return (parameters[chosen] - maximum - logSum, entropy);
    }

    /// <inheritdoc/>
    public override void DifferentiateRows(
        int rows, ReadOnlySpan<float> parameters, ReadOnlySpan<float> actions, Span<float> scores, Span<float> entropyGradients, Span<float> logProbabilities, Span<float> entropies)
    {
        var (count, size) = (rows * HeadSize, HeadSize);
        Span<float> sums = stackalloc float[rows];
        // Until they are known, the entropies' place holds maxima, and that of their gradients the shifted logits.
        for (var row = 0; row < rows; row++)
        {
            var logits = parameters.Slice(row * size, size);
            var maximum = logits[0];
            foreach (var logit in logits[1..])
                maximum = MathF.Max(maximum, logit);
            entropies[row] = maximum;
            var shifted = entropyGradients.Slice(row * size, size);
            for (var i = 0; i < shifted.Length; i++)
                shifted[i] = MathF.Max(logits[i] - maximum, LogOfNothing);
        }
        TensorPrimitives.Exp(entropyGradients[..count], scores);
        for (var row = 0; row < rows; row++)
        {
            var sum = 0f;
            foreach (var weight in scores.Slice(row * size, size))
                sum += weight;
            sums[row] = sum;
        }
        TensorPrimitives.Log(sums, logProbabilities);
        for (var row = 0; row < rows; row++)
        {
            var score = scores.Slice(row * size, size);
            var shifted = entropyGradients.Slice(row * size, size);
            var (inverse, logSum, mean) = (1 / sums[row], logProbabilities[row], 0f);
            for (var i = 0; i < score.Length; i++)
                mean += score[i] * shifted[i];
            var entropy = logSum - mean * inverse;
            var chosen = (int)actions[row];
            logProbabilities[row] = parameters[row * size + chosen] - entropies[row] - logSum;
            entropies[row] = entropy;
            for (var i = 0; i < score.Length; i++)
            {
                var p = score[i] * inverse;
                score[i] = -p;
                shifted[i] = -p * (shifted[i] - logSum + entropy);
            }
            score[chosen] += 1;
        }
    }

    /// <summary>KL(μ ‖ π) = Σ μᵢ (log μᵢ − log πᵢ); ∂KL / ∂lᵢ = πᵢ − μᵢ.</summary>
    public override float AddDivergenceGradient(
        ReadOnlySpan<float> behaviour, ReadOnlySpan<float> parameters, float weight, Span<float> gradient)
    {
        Span<float> old = stackalloc float[HeadSize];
        Span<float> now = stackalloc float[HeadSize];
        var (oldMaximum, oldSum) = Weigh(behaviour, old);
        var (maximum, sum) = Weigh(parameters, now);
        var shift = maximum + MathF.Log(sum) - oldMaximum - MathF.Log(oldSum);
        var divergence = 0f;
        for (var i = 0; i < HeadSize; i++)
        {
            var (p, q) = (old[i] / oldSum, now[i] / sum);
            divergence += p == 0 ? 0 : p * (behaviour[i] - parameters[i] + shift);
            gradient[i] += weight * (q - p);
        }
        return divergence;
    }

    /// <summary>Writes exp(lᵢ − max l) and returns the maximum and their sum.</summary>
    private static (float Maximum, float Sum) Weigh(ReadOnlySpan<float> logits, Span<float> weights)
    {
        var maximum = Maximum(logits);
        var sum = 0f;
        for (var i = 0; i < weights.Length; i++)
            sum += weights[i] = MathF.Exp(logits[i] - maximum);
        return (maximum, sum);
    }

    /// <summary>H = −Σ pᵢ log pᵢ = log Σ wᵢ − Σ wᵢ (lᵢ − max l) / Σ wᵢ, with w the shifted exponentials.</summary>
    private static float Entropy(ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float maximum, float sum, float logSum)
    {
        var mean = 0f;
        for (var i = 0; i < weights.Length; i++)
            if (weights[i] > 0)
                mean += weights[i] * (logits[i] - maximum);
        return logSum - mean / sum;
    }

    private static float Maximum(ReadOnlySpan<float> logits)
    {
        var maximum = logits[0];
        foreach (var logit in logits[1..])
            if (logit > maximum)
                maximum = logit;
        return maximum;
    }
}
