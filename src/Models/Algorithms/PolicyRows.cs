using System.Numerics.Tensors;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// What the policy says now of actions that a policy before it took: log π, its score, H, and the importance weight w = π(a | s) / μ(a | s); for some rows of a
/// minibatch at a time, since exponentials of many take a fraction of the time of as many alone. Lives on its caller's stack.
/// </summary>
internal readonly ref struct PolicyRows
{
    /// <summary>Rows and, where the policy has many columns, floats of a vector beyond which more at a time gain nothing.</summary>
    private const int MostRows = 64, MostFloats = 512;

    private readonly int policySize;
    private readonly Span<float> parameters, actions, scores, entropyGradients, entropies;

    /// <summary>Rows in memory of <see cref="FloatsNeeded"/> floats.</summary>
    public PolicyRows(ActorCriticOutputs columns, int actionSize, Span<float> memory)
    {
        policySize = columns.PolicySize;
        Capacity = RowsOf(policySize);
        var size = Capacity * policySize;
        parameters = memory[..size];
        scores = memory.Slice(size, size);
        entropyGradients = memory.Slice(2 * size, size);
        var rest = memory[(3 * size)..];
        entropies = rest[..Capacity];
        LogWeights = rest.Slice(Capacity, Capacity);
        Weights = rest.Slice(2 * Capacity, Capacity);
        actions = rest.Slice(3 * Capacity, Capacity * actionSize);
    }

    /// <summary>The most rows at a time.</summary>
    private int Capacity { get; }

    /// <summary>log w of each row.</summary>
    public Span<float> LogWeights { get; }

    /// <summary>w of each row.</summary>
    public Span<float> Weights { get; }

    /// <summary>What the constructor needs.</summary>
    public static int FloatsNeeded(ActorCriticOutputs columns, int actionSize) => RowsOf(columns.PolicySize) * (3 * columns.PolicySize + actionSize + 3);

    /// <summary>The policy's columns of a row.</summary>
    public Span<float> Parameters(int row) => parameters.Slice(row * policySize, policySize);

    /// <summary>∂ log π / ∂ these.</summary>
    public Span<float> Score(int row) => scores.Slice(row * policySize, policySize);

    /// <summary>∂H / ∂ these.</summary>
    public Span<float> EntropyGradient(int row) => entropyGradients.Slice(row * policySize, policySize);

    /// <summary>Has row <paramref name="i"/> of a minibatch computed, and with it those after it; returns its place here. To be called for one row after the other.</summary>
    /// <param name="i">Which row of the minibatch.</param>
    /// <param name="policy">π.</param>
    /// <param name="columns">Where its columns lie.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">Which rows of the batch the minibatch has, n of them.</param>
    /// <param name="outputs">The network's outputs for them [n, H].</param>
    /// <param name="sums">Entropies and weights are added to these.</param>
    public int Place(
        int i, PolicyDistribution policy, ActorCriticOutputs columns, RolloutBatch batch, ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, ref LossSums sums)
    {
        var place = i % Capacity;
        if (place == 0)
        {
            var (width, count) = (outputs.Length / rows.Length, Math.Min(Capacity, rows.Length - i));
            Compute(policy, columns, batch, rows.Slice(i, count), outputs.Slice(i * width, count * width), ref sums);
        }
        return place;
    }

    private void Compute(
        PolicyDistribution policy, ActorCriticOutputs columns, RolloutBatch batch, ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, ref LossSums sums)
    {
        var (count, width, actionSize) = (rows.Length, outputs.Length / rows.Length, policy.ActionSize);
        for (var i = 0; i < count; i++)
        {
            columns.GatherPolicy(outputs.Slice(i * width, width), batch.Behaviour(rows[i]), Parameters(i));
            FewFloats.Copy(batch.Action(rows[i]), actions.Slice(i * actionSize, actionSize));
        }
        policy.DifferentiateRows(
            count, parameters[..(count * policySize)], actions[..(count * actionSize)], scores[..(count * policySize)], entropyGradients[..(count * policySize)],
            LogWeights[..count], entropies[..count]);
        for (var i = 0; i < count; i++)
            LogWeights[i] -= batch.LogProbabilities[rows[i]];
        var weights = Weights[..count];
        TensorPrimitives.Exp(LogWeights[..count], weights);
        sums.Weight += TensorPrimitives.Sum<float>(weights);
        sums.WeightSquare += TensorPrimitives.SumOfSquares<float>(weights);
        sums.Entropy += TensorPrimitives.Sum<float>(entropies[..count]);
    }

    private static int RowsOf(int policySize) => Math.Clamp(MostFloats / policySize, 1, MostRows);
}
