using System.Numerics.Tensors;
using AkkaRL.Models.Losses;

namespace AkkaRL.Models.Networks;

/// <summary>
/// The gradient of a loss over a minibatch, computed on all cores: fixed shards of its rows, each with a network of its own, their
/// gradients summed in the order of the shards.
/// </summary>
/// <remarks>
/// How rows are shared out depends on their number alone, so the result is the same to the bit whatever the number of threads. With a
/// memory a sequence stays in one shard, and as many sequences make a shard as rows do without: what counts is how many compute abreast.
/// </remarks>
public sealed class ShardedGradient : IDisposable
{
    /// <summary>Rows below which another shard costs more than it saves, measured on 64-64 networks.</summary>
    private const int RowsWorthAShard = 64;

    private const int MaximumShards = 16;

    private readonly Shard[] shards;
    private readonly Action<int> compute;
    private readonly Action<ParameterPiece> sum;
    private readonly Crew crew;

    private float[] parameters = [];
    private float[] observations = [];
    private ReadOnlyMemory<int> rows;
    private IRowLoss? loss;
    private Memory<float> gradient;
    private RowHistory? history;
    private bool wantsGradient;

    private sealed class Shard(INetwork network, int rowsMaximum)
    {
        public readonly INetwork Network = network;
        public readonly float[] Observations = new float[rowsMaximum * network.Spec.Inputs];
        public readonly float[] OutputGradients = new float[rowsMaximum * network.Spec.Outputs];
        public readonly float[] Gradient = new float[network.Layout.Count];
        public LossSums Sums;

        // Of a network with a memory, else empty.
        public readonly int[] Lengths = new int[network.Spec.StateSize > 0 ? rowsMaximum : 0];
        public readonly bool[] Begins = new bool[network.Spec.StateSize > 0 ? rowsMaximum : 0];
        public readonly float[] InitialStates = new float[rowsMaximum * network.Spec.StateSize];
    }

    /// <summary>Makes the networks.</summary>
    /// <param name="makeNetwork">A network that remembers so many rows.</param>
    /// <param name="rowsMaximum">The most rows of a minibatch.</param>
    /// <param name="sequenceMaximum">The most rows of a sequence; 1 for a network without memory.</param>
    /// <param name="crew">Who computes shards; null for the caller and a helper a core beside it.</param>
    public ShardedGradient(Func<int, INetwork> makeNetwork, int rowsMaximum, int sequenceMaximum = 1, Crew? crew = null)
    {
        var count = Math.Clamp(rowsMaximum / RowsWorthAShard / sequenceMaximum, 1, MaximumShards);
        var rowsOfOne = Math.Min(rowsMaximum, (rowsMaximum + count - 1) / count + sequenceMaximum - 1);
        shards = [.. Enumerable.Range(0, count).Select(_ => new Shard(makeNetwork(rowsOfOne), rowsOfOne))];
        (compute, sum, this.crew) = (Compute, Sum, crew ?? new Crew(Environment.ProcessorCount));
        Pieces = ParameterPieces.Even(shards[0].Gradient.Length, this.crew);
    }

    /// <summary>The gradient in pieces, as its sum is shared out.</summary>
    public ParameterPieces Pieces { get; }

    /// <summary>Computes the gradient of the loss over these rows.</summary>
    /// <param name="parameters">θ [P].</param>
    /// <param name="observations">Of the whole batch [B, O].</param>
    /// <param name="rows">The minibatch.</param>
    /// <param name="loss">Whose gradient.</param>
    /// <param name="gradient">Receives ∂L/∂θ [P]; empty where only what the loss measures is wanted.</param>
    /// <param name="history">For a network with a memory, how the rows follow each other; the rows of a minibatch are then whole sequences.</param>
    /// <returns>What the loss measured.</returns>
    public LossSums Compute(
        float[] parameters, float[] observations, ReadOnlyMemory<int> rows, IRowLoss loss, Memory<float> gradient, RowHistory? history = null)
    {
        (this.parameters, this.observations, this.rows, this.loss, this.gradient, this.history) = (parameters, observations, rows, loss, gradient, history);
        wantsGradient = !gradient.IsEmpty;
        crew.Run(shards.Length, compute);
        if (wantsGradient)
            Pieces.Run(sum);
        var sums = shards[0].Sums;
        foreach (var shard in shards.AsSpan(1))
            sums.Add(shard.Sums);
        return sums;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shard in shards)
            shard.Network.Dispose();
    }

    private void Compute(int index)
    {
        var shard = shards[index];
        var (inputs, outputs) = (shard.Network.Spec.Inputs, shard.Network.Spec.Outputs);
        var (first, end) = (Boundary(index), Boundary(index + 1));
        var own = rows.Span[first..end];
        shard.Sums = new LossSums { Rows = own.Length };
        if (own.IsEmpty)
        {
            shard.Gradient.AsSpan().Clear();
            return;
        }
        for (var i = 0; i < own.Length; i++)
            observations.AsSpan(own[i] * inputs, inputs).CopyTo(shard.Observations.AsSpan(i * inputs));
        shard.Network.Load(parameters);
        var outputGradients = shard.OutputGradients.AsSpan(0, own.Length * outputs);
        var ownObservations = shard.Observations.AsSpan(0, own.Length * inputs);
        var computed = history is null ? shard.Network.Forward(ownObservations) : shard.Network.Forward(ownObservations, SequencesOf(own, shard));
        loss!.Gradient(own, computed, outputGradients, ref shard.Sums);
        if (wantsGradient)
            shard.Network.Backward(outputGradients, shard.Gradient);
    }

    /// <summary>In the order of the shards.</summary>
    private void Sum(ParameterPiece piece)
    {
        var total = gradient.Span.Slice(piece.Start, piece.Count);
        shards[0].Gradient.AsSpan(piece.Start, piece.Count).CopyTo(total);
        foreach (var shard in shards.AsSpan(1))
            TensorPrimitives.Add(total, shard.Gradient.AsSpan(piece.Start, piece.Count), total);
    }

    /// <summary>The first of a shard's rows; with a memory, the next that begins a sequence.</summary>
    private int Boundary(int index)
    {
        var boundary = rows.Length * index / shards.Length;
        if (history is not null)
            while (boundary > 0 && boundary < rows.Length && history.Sequence[rows.Span[boundary]] == history.Sequence[rows.Span[boundary - 1]])
                boundary++;
        return boundary;
    }

    private Sequences SequencesOf(ReadOnlySpan<int> own, Shard shard)
    {
        var (count, size) = (0, history!.StateSize);
        for (var i = 0; i < own.Length; i++)
        {
            var sequence = history.Sequence[own[i]];
            if (i == 0 || sequence != history.Sequence[own[i - 1]])
            {
                history.InitialStates.AsSpan(sequence * size, size).CopyTo(shard.InitialStates.AsSpan(count * size));
                shard.Lengths[count++] = 0;
            }
            shard.Lengths[count - 1]++;
            shard.Begins[i] = history.Begins[own[i]];
        }
        return new Sequences(shard.Lengths.AsSpan(0, count), shard.InitialStates.AsSpan(0, count * size), shard.Begins.AsSpan(0, own.Length));
    }
}
