using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AkkaRL.Models.Optimizers;

/// <summary>
/// RMSProp without centring and without momentum, ε inside the root: g ← α g + (1 − α) d²; θ ← θ − η d / √(g + ε).
/// </summary>
/// <remarks>
/// Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), equation S2. Torch's RMSProp has ε outside the root.
/// </remarks>
public sealed class RMSProp : IOptimizer
{
    private readonly float decay;
    private readonly float epsilon;
    private readonly float[] meanSquare;
    private int lastThread;

    /// <summary>An optimizer of P parameters.</summary>
    /// <param name="parameterCount">P.</param>
    /// <param name="decay">α, in [0, 1).</param>
    /// <param name="epsilon">ε, above zero.</param>
    /// <param name="initialMeanSquare">
    /// What g starts at, 0 or more. From zero, the first steps are up to 1 / √(1 − α) times as long as later ones; from one, they are short.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public RMSProp(int parameterCount, float decay, float epsilon, float initialMeanSquare)
    {
        UpdateRule.Require(decay is >= 0 and < 1, decay, nameof(decay), "The decay must be in [0, 1).");
        UpdateRule.Require(epsilon is > 0 and < float.PositiveInfinity, epsilon, nameof(epsilon), "Epsilon must be above 0.");
        UpdateRule.Require(
            initialMeanSquare is >= 0 and < float.PositiveInfinity, initialMeanSquare, nameof(initialMeanSquare), "The mean square starts at 0 or above.");
        (this.decay, this.epsilon) = (decay, epsilon);
        meanSquare = new float[parameterCount];
        Array.Fill(meanSquare, initialMeanSquare);
    }

    /// <summary>g [P].</summary>
    public Span<float> Moments => meanSquare;

    /// <inheritdoc/>
    public long Updates { get; set; }

    /// <inheritdoc/>
    public void Update(Span<float> parameters, ReadOnlySpan<float> gradient, float learningRate)
    {
        var thread = Environment.CurrentManagedThreadId;
        UpdateRule.Apply(new Rule(decay, epsilon, learningRate), parameters, gradient, meanSquare, isElsewhere: thread != lastThread);
        lastThread = thread;
        Updates++;
    }

    /// <inheritdoc/>
    public void UpdatePiece(Span<float> parameters, ReadOnlySpan<float> gradient, int start, float learningRate) =>
        UpdateRule.Apply(new Rule(decay, epsilon, learningRate), parameters, gradient, meanSquare.AsSpan(start, parameters.Length));

    private readonly struct Rule(float decay, float epsilon, float learningRate) : IUpdateRule
    {
        public static int MomentVectors => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Step(Vector512<float> theta, Vector512<float> d, ref Vector512<float> g, ref Vector512<float> none)
        {
            g = g * decay + d * d * (1 - decay);
            return theta - d * learningRate * UpdateRule.ReciprocalSqrt(g + Vector512.Create(epsilon));
        }
    }
}
