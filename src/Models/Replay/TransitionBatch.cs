using System.Runtime.InteropServices;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Replay;

/// <summary>Transitions side by side in flat arrays, row by row. A transition may span several env steps (<see cref="NStepTransitions"/>).</summary>
/// <param name="capacity">The most rows.</param>
/// <param name="observationSize">O.</param>
/// <param name="actionSize">A.</param>
/// <param name="maskSize">M, flags of an action mask; 0 where actions are not masked.</param>
public class TransitionBatch(int capacity, int observationSize, int actionSize, int maskSize = 0)
{
    /// <summary>O, floats an observation.</summary>
    public int ObservationSize { get; } = observationSize;

    /// <summary>A, floats an action.</summary>
    public int ActionSize { get; } = actionSize;

    /// <summary>Rows in use.</summary>
    public int Count { get; set; }

    /// <summary>The most rows.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>s [B, O].</summary>
    public float[] Observations { get; } = new float[capacity * observationSize];

    /// <summary>a [B, A], as the algorithm chose it and the env executed it.</summary>
    public float[] Actions { get; } = new float[capacity * actionSize];

    /// <summary>R [B]: Σ γ^i r_i over the k env steps that the transition spans.</summary>
    public float[] Rewards { get; } = new float[capacity];

    /// <summary>s′ [B, O]: the observation after them, the true final one when the episode ended there.</summary>
    public float[] NextObservations { get; } = new float[capacity * observationSize];

    /// <summary>What the value of s′ counts with [B]: γ^k, or 0 when the MDP terminated there.</summary>
    public float[] Discounts { get; } = new float[capacity];

    /// <summary>M, flags of an action mask; 0 where actions are not masked.</summary>
    public int MaskSize { get; } = maskSize;

    /// <summary>Floats that the mask of a row takes: a flag is a byte, and rows begin at whole floats, so that a snapshot sees them as it sees all else.</summary>
    public int MaskWidth { get; } = (maskSize + sizeof(float) - 1) / sizeof(float);

    /// <summary>The masks of all rows, bit by bit [B, <see cref="MaskWidth"/>]; see <see cref="NextAllowed"/>.</summary>
    public float[] NextMasks { get; } = new float[capacity * ((maskSize + sizeof(float) - 1) / sizeof(float))];

    /// <summary>Which actions s′ of a row allows [M]: all of them where the MDP terminated.</summary>
    public Span<bool> NextAllowed(int row) => MemoryMarshal.Cast<float, bool>(Row(NextMasks, row, MaskWidth))[..MaskSize];

    /// <summary>Copies a row of <paramref name="source"/> to a row of this batch.</summary>
    public void CopyRow(TransitionBatch source, int from, int to)
    {
        Row(source.Observations, from, ObservationSize).CopyTo(Row(Observations, to, ObservationSize));
        Row(source.Actions, from, ActionSize).CopyTo(Row(Actions, to, ActionSize));
        Row(source.NextObservations, from, ObservationSize).CopyTo(Row(NextObservations, to, ObservationSize));
        Row(source.NextMasks, from, MaskWidth).CopyTo(Row(NextMasks, to, MaskWidth));
        (Rewards[to], Discounts[to]) = (source.Rewards[from], source.Discounts[from]);
    }

    /// <summary>Shows the rows in use, as a ring that has been written so far.</summary>
    public void Visit(IStateVisitor state, long written)
    {
        var bytes = sizeof(float) * (long)Capacity * (2 * ObservationSize + ActionSize + 2 + MaskWidth);
        state.Visit("observations", Observations.AsSpan(0, Count * ObservationSize), new RingExtent(Capacity, ObservationSize, written, bytes));
        state.Visit("actions", Actions.AsSpan(0, Count * ActionSize), new RingExtent(Capacity, ActionSize, written, bytes));
        state.Visit("rewards", Rewards.AsSpan(0, Count), new RingExtent(Capacity, 1, written, bytes));
        state.Visit("next-observations", NextObservations.AsSpan(0, Count * ObservationSize), new RingExtent(Capacity, ObservationSize, written, bytes));
        state.Visit("discounts", Discounts.AsSpan(0, Count), new RingExtent(Capacity, 1, written, bytes));
        if (MaskSize > 0)
            state.Visit("next-masks", NextMasks.AsSpan(0, Count * MaskWidth), new RingExtent(Capacity, MaskWidth, written, bytes));
    }

    private static Span<float> Row(float[] rows, int row, int size) => rows.AsSpan(row * size, size);
}
