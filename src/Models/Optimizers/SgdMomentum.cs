using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AkkaRL.Models.Optimizers;

/// <summary>Stochastic gradient descent with heavy-ball momentum: v ← μ v + d; θ ← θ − η v. Plain SGD when μ is zero.</summary>
/// <remarks>
/// Source: B. Polyak, "Some methods of speeding up the convergence of iteration methods" (1964), with the learning rate outside the
/// velocity, as in Torch.
/// </remarks>
public sealed class SgdMomentum : IOptimizer
{
    private readonly float momentum;
    private readonly float[] velocity;

    /// <summary>An optimizer of P parameters.</summary>
    /// <param name="parameterCount">P.</param>
    /// <param name="momentum">μ, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The momentum is outside its range.</exception>
    public SgdMomentum(int parameterCount, float momentum)
    {
        UpdateRule.Require(momentum is >= 0 and < 1, momentum, nameof(momentum), "The momentum must be in [0, 1).");
        this.momentum = momentum;
        velocity = momentum == 0 ? [] : new float[parameterCount];
    }

    /// <summary>v [P]; empty when μ is zero.</summary>
    public Span<float> Moments => velocity;

    /// <inheritdoc/>
    public long Updates { get; set; }

    /// <inheritdoc/>
    public void Update(Span<float> parameters, ReadOnlySpan<float> gradient, float learningRate)
    {
        if (momentum != 0)
            UpdateRule.RequireAll(parameters, velocity.Length);
        UpdatePiece(parameters, gradient, 0, learningRate);
        Updates++;
    }

    /// <inheritdoc/>
    public void UpdatePiece(Span<float> parameters, ReadOnlySpan<float> gradient, int start, float learningRate)
    {
        if (momentum == 0)
            UpdateRule.Apply(new PlainRule(learningRate), parameters, gradient);
        else
            UpdateRule.Apply(new MomentumRule(momentum, learningRate), parameters, gradient, velocity.AsSpan(start, parameters.Length));
    }

    private readonly struct PlainRule(float learningRate) : IUpdateRule
    {
        public static int MomentVectors => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Step(Vector512<float> theta, Vector512<float> d, ref Vector512<float> none, ref Vector512<float> either) =>
            theta - d * learningRate;
    }

    private readonly struct MomentumRule(float momentum, float learningRate) : IUpdateRule
    {
        public static int MomentVectors => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> Step(Vector512<float> theta, Vector512<float> d, ref Vector512<float> v, ref Vector512<float> none)
        {
            v = v * momentum + d;
            return theta - v * learningRate;
        }
    }
}
