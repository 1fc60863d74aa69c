namespace AkkaRL.Models.Losses;

/// <summary>A loss that is a sum over rows, by its gradient with respect to a network's outputs in closed form.</summary>
public interface IRowLoss
{
    /// <summary>Writes the gradient of the rows' share of the loss. Called from several threads at once, each with rows of its own.</summary>
    /// <param name="rows">Which rows of the batch, n of them.</param>
    /// <param name="outputs">The network's outputs for them [n, H].</param>
    /// <param name="gradients">Receives ∂L/∂outputs [n, H]; every element is to be written.</param>
    /// <param name="sums">What the rows add to the measurements.</param>
    void Gradient(ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, Span<float> gradients, ref LossSums sums);
}
