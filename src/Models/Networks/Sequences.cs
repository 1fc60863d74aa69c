namespace AkkaRL.Models.Networks;

/// <summary>How the rows of a batch follow each other in time: N sequences, one after the other, each with the state that it starts from.</summary>
/// <param name="lengths">Rows of each sequence, at least 1 [N]; they sum to B.</param>
/// <param name="initialStates">The recurrent state before each sequence's first row [N, S].</param>
/// <param name="begins">Whether an episode begins with the row [B]: whatever the state was, it is zero there, and nothing is propagated back across.</param>
public readonly ref struct Sequences(ReadOnlySpan<int> lengths, ReadOnlySpan<float> initialStates, ReadOnlySpan<bool> begins)
{
    /// <summary>Rows of each sequence [N].</summary>
    public ReadOnlySpan<int> Lengths { get; } = lengths;

    /// <summary>The recurrent state before each sequence's first row [N, S].</summary>
    public ReadOnlySpan<float> InitialStates { get; } = initialStates;

    /// <summary>Whether an episode begins with the row [B].</summary>
    public ReadOnlySpan<bool> Begins { get; } = begins;
}
