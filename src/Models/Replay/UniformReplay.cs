using AkkaRL.Models.Randomness;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Replay;

/// <summary>A ring of transitions in flat arrays, each as likely as any other.</summary>
/// <remarks>
/// Source: L. Lin, "Self-Improving Reactive Agents Based on Reinforcement Learning, Planning and Teaching" (1992).
/// A row is complete in itself, with its own next observation and discount: nothing is ever read across the write head or the end of an episode.
/// </remarks>
/// <param name="capacity">Transitions remembered at most.</param>
/// <param name="observationSize">O.</param>
/// <param name="actionSize">A.</param>
/// <param name="maskSize">M, flags of an action mask; 0 where actions are not masked.</param>
public sealed class UniformReplay(int capacity, int observationSize, int actionSize, int maskSize = 0) : IReplay
{
    private readonly TransitionBatch ring = new(capacity, observationSize, actionSize, maskSize);
    private long written;

    /// <inheritdoc/>
    public int Count => ring.Count;

    /// <summary>Where the next transition goes.</summary>
    public int Head => (int)(written % ring.Capacity);

    /// <inheritdoc/>
    public void Add(TransitionBatch transitions)
    {
        for (var row = 0; row < transitions.Count; row++)
            Add(transitions, row);
    }

    /// <summary>Remembers one row; returns where.</summary>
    public int Add(TransitionBatch transitions, int row)
    {
        var index = Head;
        ring.CopyRow(transitions, row, index);
        written++;
        ring.Count = Math.Min(ring.Count + 1, ring.Capacity);
        return index;
    }

    /// <inheritdoc/>
    public void Sample(Minibatch minibatch, RandomStream random, double importanceExponent)
    {
        RequireSome();
        for (var row = 0; row < minibatch.Capacity; row++)
            Read(random.NextInteger(Count), minibatch, row);
        Array.Fill(minibatch.Weights, 1);
        minibatch.Count = minibatch.Capacity;
    }

    /// <summary>Copies the transition at <paramref name="index"/> to a row of a minibatch.</summary>
    public void Read(int index, Minibatch minibatch, int row)
    {
        minibatch.CopyRow(ring, index, row);
        minibatch.Indices[row] = index;
    }

    /// <summary>Does nothing: all stay as likely.</summary>
    public void Prioritize(Minibatch minibatch) { }

    /// <inheritdoc/>
    public void Visit(IStateVisitor state)
    {
        state.Visit("written", ref written);
        ring.Count = (int)Math.Min(written, ring.Capacity);
        ring.Visit(state, written);
    }

    internal void RequireSome()
    {
        if (Count == 0)
            throw new InvalidOperationException("The replay is empty: add transitions before sampling.");
    }
}
