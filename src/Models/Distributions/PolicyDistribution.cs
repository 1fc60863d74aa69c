using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Distributions;

/// <summary>
/// A family of probability distributions over actions, given by a network's outputs: sample, log-probability, entropy,
/// and the gradients of the last two with respect to the outputs in closed form.
/// </summary>
/// <remarks>
/// Every method works on one row. <c>parameters</c> are the policy's own columns, gathered from the output row
/// as <see cref="HeadSize"/> head columns followed by <see cref="ConstantSize"/> constants. Nothing allocates.
/// </remarks>
public abstract class PolicyDistribution
{
    /// <summary>Columns that come from the policy head.</summary>
    public abstract int HeadSize { get; }

    /// <summary>Columns that do not depend on the observation (see <c>NetworkSpec.Constants</c>).</summary>
    public abstract int ConstantSize { get; }

    /// <summary>A, floats an action.</summary>
    public abstract int ActionSize { get; }

    /// <summary>Draws an action [A] and returns its log-probability (density).</summary>
    public abstract float Sample(ReadOnlySpan<float> parameters, RandomStream random, Span<float> action);

    /// <summary>The most likely action [A].</summary>
    public abstract void Mode(ReadOnlySpan<float> parameters, Span<float> action);

    /// <summary>log π(action).</summary>
    public abstract float LogProbability(ReadOnlySpan<float> parameters, ReadOnlySpan<float> action);

    /// <summary>The (differential) entropy in nats.</summary>
    public abstract float Entropy(ReadOnlySpan<float> parameters);

    /// <summary>
    /// Writes the gradients of log π(action), which is the score, and of H(π) with respect to the parameters, and returns log π(action) and
    /// H(π), which fall out of the same terms.
    /// </summary>
    /// <param name="parameters">The policy's columns, head then constants.</param>
    /// <param name="action">The action [A].</param>
    /// <param name="score">Receives ∂ log π(action), shaped like <paramref name="parameters"/>; overwritten.</param>
    /// <param name="entropyGradient">Receives ∂H, shaped alike; overwritten.</param>
    public abstract (float LogProbability, float Entropy) Differentiate(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> action, Span<float> score, Span<float> entropyGradient);

    /// <summary><see cref="Differentiate"/> for n rows; what is computed for all at once may differ in the last digit.</summary>
    /// <param name="rows">n.</param>
    /// <param name="parameters">[n, head and constants].</param>
    /// <param name="actions">[n, A].</param>
    /// <param name="scores">Receives ∂ log π(action), shaped like <paramref name="parameters"/>.</param>
    /// <param name="entropyGradients">Receives ∂H, shaped alike.</param>
    /// <param name="logProbabilities">Receives log π(action) [n].</param>
    /// <param name="entropies">Receives H(π) [n].</param>
    public virtual void DifferentiateRows(
        int rows, ReadOnlySpan<float> parameters, ReadOnlySpan<float> actions, Span<float> scores, Span<float> entropyGradients, Span<float> logProbabilities, Span<float> entropies)
    {
        var size = HeadSize + ConstantSize;
        for (var row = 0; row < rows; row++)
            (logProbabilities[row], entropies[row]) = Differentiate(
                parameters.Slice(row * size, size), actions.Slice(row * ActionSize, ActionSize), scores.Slice(row * size, size), entropyGradients.Slice(row * size, size));
    }

    /// <summary>
    /// Writes the gradient of logProbabilityWeight · log π(action) + entropyWeight · H(π) with respect to the parameters, and returns H(π):
    /// <see cref="Differentiate"/> where the weights are known before.
    /// </summary>
    /// <param name="parameters">The policy's columns, head then constants.</param>
    /// <param name="action">The action [A].</param>
    /// <param name="logProbabilityWeight">Factor of the log-probability.</param>
    /// <param name="entropyWeight">Factor of the entropy.</param>
    /// <param name="gradient">Receives the gradient, shaped like <paramref name="parameters"/>; overwritten.</param>
    public float Gradient(
        ReadOnlySpan<float> parameters, ReadOnlySpan<float> action, float logProbabilityWeight, float entropyWeight, Span<float> gradient)
    {
        Span<float> entropyGradient = stackalloc float[parameters.Length];
        var (_, entropy) = Differentiate(parameters, action, gradient, entropyGradient);
        Combine(gradient, logProbabilityWeight, entropyGradient, entropyWeight);
        return entropy;
    }

    /// <summary>score ← scoreWeight · score + entropyWeight · entropyGradient: what <see cref="Differentiate"/> wrote becomes a loss's gradient.</summary>
    public static void Combine(Span<float> score, float scoreWeight, ReadOnlySpan<float> entropyGradient, float entropyWeight)
    {
        for (var i = 0; i < score.Length; i++)
            score[i] = scoreWeight * score[i] + entropyWeight * entropyGradient[i];
    }

    /// <summary>
    /// Adds the gradient of weight · KL(μ ‖ π) with respect to π's parameters, and returns the divergence in nats:
    /// KL(μ ‖ π) = E over a ~ μ of log μ(a) − log π(a).
    /// </summary>
    /// <param name="behaviour">μ's columns, head then constants.</param>
    /// <param name="parameters">π's columns, head then constants.</param>
    /// <param name="weight">Factor of the divergence.</param>
    /// <param name="gradient">Is added to; shaped like <paramref name="parameters"/>.</param>
    public abstract float AddDivergenceGradient(
        ReadOnlySpan<float> behaviour, ReadOnlySpan<float> parameters, float weight, Span<float> gradient);
}
