using System.Numerics.Tensors;
using AkkaRL.Models.Networks;

namespace AkkaRL.Models.Optimizers;

/// <summary>
/// A step of descent: the gradient's global norm, its clipping (<see cref="GradientClipping"/>), and the update, piece by piece on several cores.
/// The result is the same to the bit whoever does which piece.
/// </summary>
/// <param name="pieces">How P parameters are shared out.</param>
public sealed class GradientStep(ParameterPieces pieces)
{
    // The step at hand, for its pieces.
    private Memory<float> parameters, gradient;
    private IOptimizer optimizer = null!;
    private float scale, learningRate;
    private Action<ParameterPiece>? update;

    /// <summary>
    /// d ← d · min(1, maximum / ‖d‖₂) and θ ← optimizer(θ, d). A gradient whose norm is not finite changes nothing: the caller must look at the result.
    /// </summary>
    /// <param name="optimizer">The update rule, of P parameters.</param>
    /// <param name="parameters">θ [P]; overwritten.</param>
    /// <param name="gradient">d [P]; overwritten where it is clipped.</param>
    /// <param name="maximumNorm">The longest norm allowed; 0 or less for any.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="squares">The sum of squares of each piece of the gradient, where it is known; empty to have them measured.</param>
    /// <returns>‖d‖₂ before clipping: NaN or infinity when an element is.</returns>
    public float Apply(
        IOptimizer optimizer, Memory<float> parameters, Memory<float> gradient, double maximumNorm, float learningRate, ReadOnlySpan<double> squares = default)
    {
        (this.optimizer, this.parameters, this.gradient, this.learningRate) = (optimizer, parameters, gradient, learningRate);
        var sum = squares.IsEmpty ? TensorPrimitives.SumOfSquares<float>(gradient.Span) : 0.0;
        foreach (var square in squares)
            sum += square;
        var norm = (float)(double.IsFinite(sum) ? Math.Sqrt(sum) : GradientClipping.CarefulNorm(gradient.Span));
        if (!float.IsFinite(norm))
            return norm;
        scale = maximumNorm > 0 && norm > maximumNorm ? (float)maximumNorm / norm : 1;
        pieces.Run(update ??= Update);
        optimizer.Updates++;
        return norm;
    }

    private void Update(ParameterPiece piece)
    {
        var own = gradient.Span.Slice(piece.Start, piece.Count);
        if (scale < 1)
            TensorPrimitives.Multiply(own, scale, own);
        optimizer.UpdatePiece(parameters.Span.Slice(piece.Start, piece.Count), own, piece.Start, learningRate);
    }
}
