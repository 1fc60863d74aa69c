using System.Numerics;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Replay;

/// <summary>Weights w_i whose sum is known at once: set one, or find where a point of [0, Σ w) falls, both in O(log n).</summary>
/// <remarks>A complete binary tree in one array; every inner node is the sum of its two children, computed anew, so that no error adds up.</remarks>
public sealed class SumTree
{
    private readonly double[] nodes;
    private readonly int leaves;

    /// <summary><paramref name="count"/> weights of zero.</summary>
    public SumTree(int count)
    {
        leaves = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        nodes = new double[2 * leaves];
    }

    /// <summary>Σ w.</summary>
    public double Total => nodes[1];

    /// <summary>w_i, at least 0.</summary>
    public double this[int index]
    {
        get => nodes[leaves + index];
        set
        {
            var node = leaves + index;
            nodes[node] = value;
            while ((node >>= 1) > 0)
                nodes[node] = nodes[2 * node] + nodes[2 * node + 1];
        }
    }

    /// <summary>Shows the first weights, for a snapshot; the others are 0.</summary>
    public void Visit(IStateVisitor state, int count)
    {
        state.Visit("weights", nodes.AsSpan(leaves, count));
        if (state.IsRestoring)
            for (var node = leaves - 1; node > 0; node--)
                nodes[node] = nodes[2 * node] + nodes[2 * node + 1];
    }

    /// <summary>The i with w_0 + … + w_{i−1} ≤ point &lt; w_0 + … + w_i; never one of weight zero while the total is above it.</summary>
    public int Find(double point)
    {
        var node = 1;
        while (node < leaves)
        {
            var left = 2 * node;
            // Rounding may put the point at or past a subtree's sum: an empty right side is never entered.
            if (point < nodes[left] || nodes[left + 1] == 0)
                node = left;
            else
            {
                point -= nodes[left];
                node = left + 1;
            }
        }
        return node - leaves;
    }
}
