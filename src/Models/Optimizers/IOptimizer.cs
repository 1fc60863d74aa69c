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
}
