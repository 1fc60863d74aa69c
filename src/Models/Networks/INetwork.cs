namespace AkkaRL.Models.Networks;

/// <summary>
/// An engine's network: a forward pass and its vector-Jacobian product. The algorithm gives the gradient of its loss with respect
/// to the outputs in closed form; the network turns it into the gradient with respect to the parameters.
/// </summary>
/// <remarks>
/// Rows may be computed one at a time as a worker acts (<c>Forward(observation, row: t)</c>) or as a batch; either way the network
/// remembers what <see cref="Backward"/> needs for rows 0 .. <see cref="RowCapacity"/> - 1 until they are computed again.
/// A network with a memory has no such rows: its state S goes in and out with every step, and is its owner's to keep; what is to be
/// differentiated is computed again as sequences. Networks without one have S = 0 and take the calls with states like those without.
/// Not thread-safe: one owner at a time. Nothing here allocates once the network is made (fused engine).
/// </remarks>
public interface INetwork : IDisposable
{
    /// <summary>What the network is.</summary>
    NetworkSpec Spec { get; }

    /// <summary>Where its parameters live in the flat vector.</summary>
    ParameterLayout Layout { get; }

    /// <summary>The most rows that can be remembered at once.</summary>
    int RowCapacity { get; }

    /// <summary>Takes new parameters [P]; a copy. Rows remembered from before must not be differentiated afterwards.</summary>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>Computes rows <paramref name="row"/> .. row + B - 1 and remembers their activations.</summary>
    /// <param name="observations">[B, O], row by row; B is its length over O.</param>
    /// <param name="row">The first row's place in the memory.</param>
    /// <returns>Outputs [B, H] of these rows, valid until they are computed again.</returns>
    /// <exception cref="ArgumentException">The length is not a whole number of observations, or the rows do not fit <see cref="RowCapacity"/>.</exception>
    ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0);

    /// <summary>Computes one step each of B envs.</summary>
    /// <param name="observations">[B, O].</param>
    /// <param name="states">The recurrent states [B, S], before the step and then after it; zero where an episode begins.</param>
    /// <param name="row">The first row's place in the memory.</param>
    /// <returns>Outputs [B, H], valid until these rows are computed again.</returns>
    ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, Span<float> states, int row = 0) => Forward(observations, row);

    /// <summary>Computes rows 0 .. B - 1, steps of whole sequences, for <see cref="Backward"/> to propagate through time.</summary>
    /// <param name="observations">[B, O].</param>
    /// <param name="sequences">How the rows follow each other.</param>
    /// <returns>Outputs [B, H], valid until these rows are computed again.</returns>
    ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, Sequences sequences) => Forward(observations);

    /// <summary>The vector-Jacobian product over rows 0 .. B - 1, summed over the rows; with a memory, of the sequences computed last.</summary>
    /// <param name="outputGradients">∂L/∂outputs [B, H].</param>
    /// <param name="parameterGradients">Receives ∂L/∂parameters [P]; overwritten. Empty when not wanted, which spares a third of the pass or more.</param>
    /// <param name="inputGradients">Receives ∂L/∂observations [B, O]; empty when not wanted.</param>
    void Backward(ReadOnlySpan<float> outputGradients, Span<float> parameterGradients, Span<float> inputGradients = default);
}
