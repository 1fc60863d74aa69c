namespace AkkaRL.Models.State;

/// <summary>How far a ring of rows has been written, so that a visitor need not copy what it has seen before.</summary>
/// <param name="Capacity">Rows that the ring remembers at most.</param>
/// <param name="RowSize">Floats a row of the vector at hand.</param>
/// <param name="Written">Rows written since the ring was made, those that have been overwritten too.</param>
/// <param name="Bytes">Size of the whole ring when it is full, all its vectors together.</param>
public readonly record struct RingExtent(int Capacity, int RowSize, long Written, long Bytes);
