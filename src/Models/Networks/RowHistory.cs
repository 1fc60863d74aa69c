namespace AkkaRL.Models.Networks;

/// <summary>What a network with a memory needs to know of the rows of a batch beside their observations.</summary>
/// <param name="capacity">The most rows, and the most sequences.</param>
/// <param name="stateSize">S, at least 1.</param>
public sealed class RowHistory(int capacity, int stateSize)
{
    /// <summary>S.</summary>
    public int StateSize => stateSize;

    /// <summary>The sequence that a row belongs to [B]; rows of one sequence are consecutive.</summary>
    public int[] Sequence { get; } = new int[capacity];

    /// <summary>Whether an episode begins with the row [B].</summary>
    public bool[] Begins { get; } = new bool[capacity];

    /// <summary>The recurrent state before each sequence's first row, as the worker had it [N, S].</summary>
    public float[] InitialStates { get; } = new float[capacity * stateSize];
}
