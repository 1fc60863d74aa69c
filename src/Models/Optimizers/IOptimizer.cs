namespace AkkaRL.Models.Optimizers;

/// <summary>One update rule over a flat parameter vector. Its state is flat too, so that it can be saved and sent.</summary>
public interface IOptimizer
{
    /// <summary>The moments and accumulators, one flat vector; empty for plain SGD. Writing to it restores a saved optimizer.</summary>
    Span<float> Moments { get; }

    /// <summary>Updates applied so far (Adam's bias correction needs it); restored with the moments.</summary>
    long Updates { get; set; }

    /// <summary>Applies one update in place. Allocates nothing.</summary>
    /// <param name="parameters">θ [P]; overwritten.</param>
    /// <param name="gradient">∂L/∂θ [P].</param>
    /// <param name="learningRate">The learning rate of this update.</param>
    void Update(Span<float> parameters, ReadOnlySpan<float> gradient, float learningRate);

    /// <summary>
    /// Applies the next update to a piece of the parameters. Pieces that do not overlap may be updated at a time; once all are, the caller adds 1 to
    /// <see cref="Updates"/>. Comes to the same bits as <see cref="Update"/>.
    /// </summary>
    /// <param name="parameters">The piece of θ; overwritten.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="start">Where in θ it begins.</param>
    /// <param name="learningRate">The learning rate of this update.</param>
    void UpdatePiece(Span<float> parameters, ReadOnlySpan<float> gradient, int start, float learningRate);
}
