using System.Numerics.Tensors;
using AkkaRL.Models.Distributions;

namespace AkkaRL.Models.Returns;

/// <summary>A distribution of the return over K fixed values, the atoms z_i = V_min + i Δz with Δz = (V_max − V_min) / (K − 1), given by its logits.</summary>
/// <remarks>
/// Source: M. Bellemare, W. Dabney, R. Munos, "A Distributional Perspective on Reinforcement Learning" (2017), section 4. Immutable; nothing
/// allocates once made.
/// </remarks>
public sealed class ReturnDistribution
{
    /// <summary>The most atoms: distributions live on the stack.</summary>
    public const int MaximumAtoms = 1001;

    private readonly double minimum;
    private readonly double maximum;
    private readonly double gap;
    private readonly float[] values;

    /// <summary>Atoms evenly from <paramref name="minimum"/> to <paramref name="maximum"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 or more than <see cref="MaximumAtoms"/> atoms, or the maximum is not above the minimum.</exception>
    public ReturnDistribution(int atoms, double minimum, double maximum)
    {
        if (atoms is < 2 or > MaximumAtoms)
            throw new ArgumentOutOfRangeException(nameof(atoms), atoms, $"A distribution has 2 to {MaximumAtoms} atoms.");
        if (!(minimum < maximum))
            throw new ArgumentOutOfRangeException(nameof(maximum), maximum, $"The largest return must be above the smallest, {minimum}.");
        (this.minimum, this.maximum, gap) = (minimum, maximum, (maximum - minimum) / (atoms - 1));
        values = [.. Enumerable.Range(0, atoms).Select(i => (float)(minimum + i * gap))];
    }

    /// <summary>z [K].</summary>
    public ReadOnlySpan<float> Values => values;

    /// <summary>E z = Σ z_i p_i with p = softmax of the logits [K].</summary>
    public float Mean(ReadOnlySpan<float> logits)
    {
        Span<float> probabilities = stackalloc float[logits.Length];
        Softmax.Of(logits, probabilities);
        return TensorPrimitives.Dot(probabilities, values);
    }

    /// <summary>
    /// Φ T z: the distribution of R + discount · z, put back on the atoms. The mass p_j of each atom goes to T z_j = R + discount · z_j, clipped
    /// to [V_min, V_max], and from there to the two atoms beside it, the nearer one getting more; all of it to an atom that it falls upon.
    /// </summary>
    /// <remarks>Source: Bellemare et al. (2017), algorithm 1, which as printed loses the mass that falls upon an atom (l = u).</remarks>
    /// <param name="reward">R: Σ γ^i r_i over the k env steps of the transition.</param>
    /// <param name="discount">γ^k, or 0 where the MDP terminated.</param>
    /// <param name="probabilities">p, the distribution at s′ [K].</param>
    /// <param name="projected">Receives m, which sums to what p does [K].</param>
    public void Project(float reward, float discount, ReadOnlySpan<float> probabilities, Span<float> projected)
    {
        projected.Clear();
        for (var j = 0; j < values.Length; j++)
        {
            var position = (Math.Clamp(reward + (double)discount * values[j], minimum, maximum) - minimum) / gap;
            var lower = Math.Clamp((int)position, 0, values.Length - 2);
            var upperShare = (float)(position - lower);
            projected[lower] += probabilities[j] * (1 - upperShare);
            projected[lower + 1] += probabilities[j] * upperShare;
        }
    }
}
