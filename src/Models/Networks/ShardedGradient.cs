using System.Numerics.Tensors;
using AkkaRL.Models.Losses;

namespace AkkaRL.Models.Networks;

/// <summary>
/// The gradient of a loss over a minibatch, computed on all cores: fixed shards of its rows and, within each, the parts of the network, every
/// one a network of its own; the shards' gradients are summed in their order.
/// </summary>
/// <remarks>
/// How rows are shared out depends on their number alone, so the result is the same to the bit whatever the number of threads. With a
/// memory a sequence stays in one shard, and as many sequences make a shard as rows do without: what counts is how many compute abreast.
/// The crew's caller begins with the first part and its helpers with the last: two cores share two towers out between them, and neither
/// waits for lines of parameters or gradients that the other has written, which cost it more than the optimizer's arithmetic.
/// </remarks>
public sealed class ShardedGradient : IDisposable
{
    /// <summary>Rows below which another shard costs more than it saves, measured on 64-64 networks; twice as many of a network in two parts.</summary>
    private const int RowsWorthAShard = 64;

    private const int MaximumShards = 16;

    private readonly Shard[] shards;
    private readonly Part[][] parts;
    private readonly int inputs, outputs;
    private readonly Action<int> forward, backward, all;
    private readonly Action<ParameterPiece> sum;
    private readonly Crew crew;
    private readonly double[] squares;

    /// <summary>Of each part, the shards whose gradients are not there yet.</summary>
    private readonly int[] missing;

    // The call at hand.
    private float[] parameters = [];
    private float[] observations = [];
    private ReadOnlyMemory<int> rows;
    private IRowLoss? loss;
    private Memory<float> gradient;
    private RowHistory? history;

    /// <summary>Rows of the minibatch, outputs and gradients of all parts side by side.</summary>
    private sealed class Shard(int rowsMaximum, int outputs, int parameters, int stateSize)
    {
        public readonly float[] Outputs = new float[rowsMaximum * outputs];
        public readonly float[] OutputGradients = new float[rowsMaximum * outputs];
        public readonly float[] Gradient = new float[parameters];
        public LossSums Sums;

        /// <summary>Parts whose outputs are not there yet.</summary>
        public int Missing;

        // Of a network with a memory, else empty.
        public readonly int[] Lengths = new int[stateSize > 0 ? rowsMaximum : 0];
        public readonly bool[] Begins = new bool[stateSize > 0 ? rowsMaximum : 0];
        public readonly float[] InitialStates = new float[rowsMaximum * stateSize];
    }

    /// <summary>A part of the network, for the rows of one shard; what it writes lies apart from what the others write.</summary>
    private sealed class Part(INetwork network, int rowsMaximum, int firstColumn, int firstParameter)
    {
        public readonly INetwork Network = network;
        public readonly int Width = network.Spec.Outputs;
        public readonly float[] Observations = new float[rowsMaximum * network.Spec.Inputs];
        public readonly float[] Outputs = new float[rowsMaximum * network.Spec.Outputs];
        public readonly float[] OutputGradients = new float[rowsMaximum * network.Spec.Outputs];
        public readonly int FirstColumn = firstColumn;
        public readonly Range Parameters = firstParameter..(firstParameter + network.Layout.Count);
    }

    /// <summary>Makes the networks.</summary>
    /// <param name="makeParts">
    /// The network, as one or as parts that see the same observations and have their outputs, and their parameters, one after the other: each
    /// makes a network that remembers so many rows. One with a memory is not in parts.
    /// </param>
    /// <param name="rowsMaximum">The most rows of a minibatch.</param>
    /// <param name="sequenceMaximum">The most rows of a sequence; 1 for a network without memory.</param>
    /// <param name="crew">Who computes; null for the caller and a helper a core beside it.</param>
    public ShardedGradient(IReadOnlyList<Func<int, INetwork>> makeParts, int rowsMaximum, int sequenceMaximum = 1, Crew? crew = null)
    {
        var count = Math.Clamp(rowsMaximum / RowsWorthAShard / makeParts.Count / sequenceMaximum, 1, MaximumShards);
        var rowsOfOne = Math.Min(rowsMaximum, (rowsMaximum + count - 1) / count + sequenceMaximum - 1);
        var size = 0;
        parts = new Part[makeParts.Count][];
        for (var part = 0; part < parts.Length; part++)
        {
            parts[part] = [.. Enumerable.Range(0, count).Select(_ => new Part(makeParts[part](rowsOfOne), rowsOfOne, outputs, size))];
            var network = parts[part][0].Network;
            (inputs, outputs, size) = (network.Spec.Inputs, outputs + network.Spec.Outputs, size + network.Layout.Count);
        }
        shards = [.. Enumerable.Range(0, count).Select(_ => new Shard(rowsOfOne, outputs, size, parts[0][0].Network.Spec.StateSize))];
        (forward, backward, all) = (Forward, Backward, All);
        sum = piece => squares![piece.Index] = Sum(piece.Start..(piece.Start + piece.Count));
        this.crew = crew ?? new Crew(Environment.ProcessorCount);
        Pieces = ParameterPieces.Even(size, this.crew);
        squares = new double[parts.Length > 1 ? parts.Length : Pieces.Count];
        missing = new int[parts.Length];
    }

    /// <summary>The gradient in pieces, as its sum is shared out.</summary>
    public ParameterPieces Pieces { get; }

    /// <summary>Sums of squares of the latest gradient's parts: together that of all.</summary>
    public ReadOnlySpan<double> Squares => squares;

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
        foreach (var shard in shards)
            shard.Missing = parts.Length;
        Array.Fill(missing, shards.Length);
        var wantsGradient = !gradient.IsEmpty;
        if (parts.Length == 1 && wantsGradient)
            crew.Run(shards.Length, all);
        else
        {
            crew.Run(parts.Length * shards.Length, forward);
            if (wantsGradient)
                crew.Run(parts.Length * shards.Length, backward);
        }
        if (parts.Length == 1 && wantsGradient)
            Pieces.Run(sum);
        var sums = shards[0].Sums;
        foreach (var shard in shards.AsSpan(1))
            sums.Add(shard.Sums);
        return sums;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in parts.SelectMany(part => part))
            part.Network.Dispose();
    }

    /// <summary>A whole shard of a network that is not in parts.</summary>
    private void All(int index)
    {
        Forward(index);
        Backward(index);
    }

    /// <summary>Outputs of a part for a shard's rows, and the gradient of the loss where they are the last; one part after the other, its shards in order.</summary>
    private void Forward(int index)
    {
        var own = RowsOf(index % shards.Length);
        var (shard, part) = (shards[index % shards.Length], parts[index / shards.Length][index % shards.Length]);
        if (!own.IsEmpty)
        {
            Gather(own, part.Observations);
            part.Network.Load(parameters.AsSpan(part.Parameters));
            var ownObservations = part.Observations.AsSpan(0, own.Length * inputs);
            var computed = history is null ? part.Network.Forward(ownObservations) : part.Network.Forward(ownObservations, SequencesOf(own, shard));
            computed.CopyTo(part.Outputs);
        }
        if (Interlocked.Decrement(ref shard.Missing) > 0)
            return;
        shard.Sums = new LossSums { Rows = own.Length };
        if (own.IsEmpty)
            return;
        foreach (var shardsOfOne in parts)
        {
            var each = shardsOfOne[index % shards.Length];
            CopyColumns(each.Outputs, each.Width, shard.Outputs.AsSpan(each.FirstColumn), outputs, own.Length);
        }
        loss!.Gradient(own, shard.Outputs.AsSpan(0, own.Length * outputs), shard.OutputGradients.AsSpan(0, own.Length * outputs), ref shard.Sums);
    }

    /// <summary>The gradient of the loss with respect to a part's parameters, over a shard's rows.</summary>
    private void Backward(int index)
    {
        var (count, shard, part) = (RowsOf(index % shards.Length).Length, shards[index % shards.Length], parts[index / shards.Length][index % shards.Length]);
        var parameterGradients = shard.Gradient.AsSpan(part.Parameters);
        if (count == 0)
            parameterGradients.Clear();
        else
        {
            CopyColumns(shard.OutputGradients.AsSpan(part.FirstColumn), outputs, part.OutputGradients, part.Width, count);
            part.Network.Backward(part.OutputGradients.AsSpan(0, count * part.Width), parameterGradients);
        }
        // The last of several parts' shards sums them up, where they are at hand; one part is shared out in pieces.
        if (parts.Length > 1 && Interlocked.Decrement(ref missing[index / shards.Length]) == 0)
            squares[index / shards.Length] = Sum(part.Parameters);
    }

    /// <summary>Sums up the shards' gradients, in their order; returns the sum of squares.</summary>
    private float Sum(Range parameters)
    {
        var total = gradient.Span[parameters];
        shards[0].Gradient.AsSpan(parameters).CopyTo(total);
        foreach (var shard in shards.AsSpan(1))
            TensorPrimitives.Add(total, shard.Gradient.AsSpan(parameters), total);
        return TensorPrimitives.SumOfSquares<float>(total);
    }

    /// <summary>Copies the observations of these rows; those that follow each other at once.</summary>
    private void Gather(ReadOnlySpan<int> own, Span<float> gathered)
    {
        for (var (i, end) = (0, 1); i < own.Length; i = end++)
        {
            while (end < own.Length && own[end] == own[end - 1] + 1)
                end++;
            observations.AsSpan(own[i] * inputs, (end - i) * inputs).CopyTo(gathered[(i * inputs)..]);
        }
    }

    /// <summary>Copies as many columns as the narrower of two matrices has.</summary>
    private static void CopyColumns(ReadOnlySpan<float> from, int fromWidth, Span<float> to, int toWidth, int rows)
    {
        var columns = Math.Min(fromWidth, toWidth);
        // Mostly one or two, so that a call or a slice a row would take longer than the copy.
        for (var column = 0; column < columns; column++)
            for (var (row, source, target) = (0, column, column); row < rows; row++, source += fromWidth, target += toWidth)
                to[target] = from[source];
    }

    private ReadOnlySpan<int> RowsOf(int shard) => rows.Span[Boundary(shard)..Boundary(shard + 1)];

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
