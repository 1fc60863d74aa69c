using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AkkaRL.Models.Optimizers;

/// <summary>
/// Adam with bias correction: m ← β₁ m + (1 − β₁) d; v ← β₂ v + (1 − β₂) d²; θ ← θ − η m̂ / (√v̂ + ε),
/// m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), t the updates so far, this one included.
/// </summary>
/// <remarks>Source: D. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.</remarks>
public sealed class Adam : IOptimizer
{
    private readonly float beta1;
    private readonly float beta2;
    private readonly float epsilon;
    private readonly float[] moments;

    /// <summary>An optimizer of P parameters.</summary>
    /// <param name="parameterCount">P.</param>
    /// <param name="epsilon">ε, outside the root, above zero. Policy gradients commonly take 1e-5, supervised learning 1e-8.</param>
    /// <param name="beta1">β₁, in [0, 1).</param>
    /// <param name="beta2">β₂, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Adam(int parameterCount, float epsilon, float beta1 = 0.9f, float beta2 = 0.999f)
    {
        UpdateRule.Require(epsilon is > 0 and < float.PositiveInfinity, epsilon, nameof(epsilon), "Epsilon must be above 0.");
        UpdateRule.Require(beta1 is >= 0 and < 1, beta1, nameof(beta1), "The decay of the mean must be in [0, 1).");
        UpdateRule.Require(beta2 is >= 0 and < 1, beta2, nameof(beta2), "The decay of the squares must be in [0, 1).");
        (this.beta1, this.beta2, this.epsilon) = (beta1, beta2, epsilon);
        moments = new float[2 * parameterCount];
    }

    /// <summary>m [P], then v [P].</summary>
    public Span<float> Moments => moments;

    /// <inheritdoc/>
    public long Updates { get; set; }

    /// <inheritdoc/>
    public void Update(Span<float> parameters, ReadOnlySpan<float> gradient, float learningRate)
    {
        UpdateRule.RequireAll(parameters, moments.Length / 2);
        UpdatePiece(parameters, gradient, 0, learningRate);
        Updates++;
    }

    /// <inheritdoc/>
    public void UpdatePiece(Span<float> parameters, ReadOnlySpan<float> gradient, int start, float learningRate)
    {
        var t = Updates + 1;
        var step = learningRate / (1 - Math.Pow(beta1, t));
        var root = Math.Sqrt(1 - Math.Pow(beta2, t));
        // η m̂ / (√v̂ + ε) = (step · root) m / (√v + root · ε), which spares two divisions an element.
        UpdateRule.Apply(
            new Rule(beta1, beta2, (float)(step * root), (float)(root * epsilon)), parameters, gradient,
            moments.AsSpan(start, parameters.Length), moments.AsSpan(moments.Length / 2 + start, parameters.Length));
    }

    private readonly struct Rule(float beta1, float beta2, float step, float epsilon) : IUpdateRule
    {
        public static int MomentVectors => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Step(Vector512<float> theta, Vector512<float> d, ref Vector512<float> m, ref Vector512<float> v)
        {
            // The gradients of a unit that has died are 0 for ever, and its moments decay. What is flushed would move no parameter.
            d = UpdateRule.Flush(d, 1e-18f);
            m = UpdateRule.Flush(m * beta1 + d * (1 - beta1), 1e-30f);
            v = UpdateRule.Flush(v * beta2 + d * d * (1 - beta2), 1e-36f);
            return theta - m * step / (Vector512.Sqrt(v) + Vector512.Create(epsilon));
        }
    }
}
