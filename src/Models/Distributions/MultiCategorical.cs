using System.Collections.Immutable;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Distributions;

/// <summary>
/// Several independent choices at once, each a <see cref="Categorical"/> of its own: the logits of one component after the other, an action of
/// one index a component.
/// </summary>
/// <remarks>
/// π(a) = Π π_c(a_c), so that log-probabilities, entropies and divergences are sums over the components, and a logit's gradient is its
/// component's. Source: A. Tavakoli et al., "Action Branching Architectures for Deep Reinforcement Learning" (2018), section 4, for the
/// factored policy. Hot path: nothing allocated.
/// </remarks>
public sealed class MultiCategorical : PolicyDistribution
{
    private readonly Categorical[] components;

    /// <summary>As many choices as there are counts, each of one of so many values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no component, or one has not 1 to <see cref="Categorical.MaximumActions"/> values.</exception>
    public MultiCategorical(ImmutableArray<int> counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(counts.Length, 1);
        components = [.. counts.Select(count => new Categorical(count))];
        HeadSize = counts.Sum();
    }

    /// <summary>The sum of the counts.</summary>
    public override int HeadSize { get; }

    /// <inheritdoc/>
    public override int ConstantSize => 0;

    /// <summary>A: one index a component.</summary>
    public override int ActionSize => components.Length;

    /// <summary>Draws each component with one uniform number, in order; returns the log-probability of them all.</summary>
    /// <exception cref="ArgumentException">A logit is not a number.</exception>
    public override float Sample(ReadOnlySpan<float> parameters, RandomStream random, Span<float> action)
    {
        var sum = 0f;
        for (int i = 0, first = 0; i < components.Length; first += components[i++].HeadSize)
            sum += components[i].Sample(Own(parameters, i, first), random, action.Slice(i, 1));
        return sum;
    }

    /// <inheritdoc/>
    public override void Mode(ReadOnlySpan<float> parameters, Span<float> action)
    {
        for (int i = 0, first = 0; i < components.Length; first += components[i++].HeadSize)
            components[i].Mode(Own(parameters, i, first), action.Slice(i, 1));
    }

    /// <inheritdoc/>
    public override float LogProbability(ReadOnlySpan<float> parameters, ReadOnlySpan<float> action)
    {
        var sum = 0f;
        for (int i = 0, first = 0; i < components.Length; first += components[i++].HeadSize)
            sum += components[i].LogProbability(Own(parameters, i, first), action.Slice(i, 1));
        return sum;
    }

    /// <inheritdoc/>
    public override float Entropy(ReadOnlySpan<float> parameters)
    {
        var sum = 0f;
        for (int i = 0, first = 0; i < components.Length; first += components[i++].HeadSize)
            sum += components[i].Entropy(Own(parameters, i, first));
        return sum;
    }

    /// <inheritdoc/>
    public override (float LogProbability, float Entropy) Differentiate(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> action, Span<float> score, Span<float> entropyGradient)
    {
        var sums = (LogProbability: 0f, Entropy: 0f);
        for (int i = 0, first = 0; i < components.Length; first += components[i++].HeadSize)
        {
            var size = components[i].HeadSize;
            var (logProbability, entropy) = components[i].Differentiate(
                Own(parameters, i, first), action.Slice(i, 1), score.Slice(first, size), entropyGradient.Slice(first, size));
            sums = (sums.LogProbability + logProbability, sums.Entropy + entropy);
        }
        return sums;
    }

    /// <summary>KL(μ ‖ π) = Σ KL(μ_c ‖ π_c).</summary>
    public override float AddDivergenceGradient(
        ReadOnlySpan<float> behaviour, ReadOnlySpan<float> parameters, float weight, Span<float> gradient)
    {
        var sum = 0f;
        for (int i = 0, first = 0; i < components.Length; first += components[i++].HeadSize)
            sum += components[i].AddDivergenceGradient(
                Own(behaviour, i, first), Own(parameters, i, first), weight, gradient.Slice(first, components[i].HeadSize));
        return sum;
    }

    private ReadOnlySpan<float> Own(ReadOnlySpan<float> parameters, int component, int first) => parameters.Slice(first, components[component].HeadSize);
}
