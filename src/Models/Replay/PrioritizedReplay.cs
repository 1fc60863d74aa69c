using AkkaRL.Models.Randomness;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Replay;

/// <summary>
/// A replay that gives a transition back with probability P(i) = p_i^α / Σ p_k^α, p_i = |δ_i| + ε the absolute error of its latest update,
/// and with the importance weight w_i = (N P(i))^−β / max_j w_j over the minibatch.
/// </summary>
/// <remarks>
/// Source: T. Schaul et al., "Prioritized Experience Replay" (2016), section 3.3 (proportional variant, stratified: one draw in each of B
/// equal parts of the sum) and section 3.4. A new transition gets the largest priority seen, so that each is likely to be replayed once.
/// </remarks>
public sealed class PrioritizedReplay : IReplay
{
    private readonly UniformReplay ring;
    private readonly SumTree tree;
    private readonly double priorityExponent;
    private readonly double priorityEpsilon;
    private double largest = 1;

    /// <summary>An empty replay.</summary>
    /// <param name="capacity">Transitions remembered at most.</param>
    /// <param name="observationSize">O.</param>
    /// <param name="actionSize">A.</param>
    /// <param name="priorityExponent">α, at least 0; 0 is uniform.</param>
    /// <param name="priorityEpsilon">ε above 0: no transition is forgotten for ever.</param>
    /// <param name="maskSize">M, flags of an action mask; 0 where actions are not masked.</param>
    /// <exception cref="ArgumentOutOfRangeException">α is negative, or ε is not above 0.</exception>
    public PrioritizedReplay(int capacity, int observationSize, int actionSize, double priorityExponent, double priorityEpsilon = 1e-6, int maskSize = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priorityExponent);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(priorityEpsilon);
        (this.priorityExponent, this.priorityEpsilon) = (priorityExponent, priorityEpsilon);
        ring = new UniformReplay(capacity, observationSize, actionSize, maskSize);
        tree = new SumTree(capacity);
    }

    /// <inheritdoc/>
    public int Count => ring.Count;

    /// <inheritdoc/>
    public void Add(TransitionBatch transitions)
    {
        for (var row = 0; row < transitions.Count; row++)
            tree[ring.Add(transitions, row)] = Math.Pow(largest, priorityExponent);
    }

    /// <inheritdoc/>
    public void Sample(Minibatch minibatch, RandomStream random, double importanceExponent)
    {
        ring.RequireSome();
        var part = tree.Total / minibatch.Capacity;
        var heaviest = 0.0;
        for (var row = 0; row < minibatch.Capacity; row++)
        {
            var index = tree.Find((row + random.NextDouble()) * part);
            ring.Read(index, minibatch, row);
            var weight = Math.Pow(Count * tree[index] / tree.Total, -importanceExponent);
            minibatch.Weights[row] = (float)weight;
            heaviest = Math.Max(heaviest, weight);
        }
        for (var row = 0; row < minibatch.Capacity; row++)
            minibatch.Weights[row] /= (float)heaviest;
        minibatch.Count = minibatch.Capacity;
    }

    /// <inheritdoc/>
    public void Prioritize(Minibatch minibatch)
    {
        for (var row = 0; row < minibatch.Count; row++)
        {
            var priority = minibatch.AbsoluteErrors[row] + priorityEpsilon;
            largest = Math.Max(largest, priority);
            tree[minibatch.Indices[row]] = Math.Pow(priority, priorityExponent);
        }
    }

    /// <inheritdoc/>
    public void Visit(IStateVisitor state)
    {
        ring.Visit(state);
        state.Visit("largest", ref largest);
        tree.Visit(state, Count);
    }
}
