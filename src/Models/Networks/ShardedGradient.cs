using System.Numerics.Tensors;
using AkkaRL.Models.Losses;

namespace AkkaRL.Models.Networks;

/// <summary>
/// The gradient of a loss over a minibatch, computed on all cores: fixed shards of its rows, each with a network of its own, their
/// gradients summed in the order of the shards.
/// </summary>
/// <remarks>
/// How rows are shared out depends on their number alone, so the result is the same to the bit whatever the number of threads.
/// </remarks>
public sealed class ShardedGradient : IDisposable
{
    /// <summary>Rows below which another shard costs more than it saves, measured on 64-64 networks.</summary>
    private const int RowsWorthAShard = 64;

    private const int MaximumShards = 16;

    private readonly Shard[] shards;
    private readonly Action<int> compute;

    private float[] parameters = [];
    private float[] observations = [];
    private ReadOnlyMemory<int> rows;
    private IRowLoss? loss;
    private bool wantsGradient;

    private sealed class Shard(INetwork network, int rowsMaximum)
    {
        public readonly INetwork Network = network;
        public readonly float[] Observations = new float[rowsMaximum * network.Spec.Inputs];
        public readonly float[] OutputGradients = new float[rowsMaximum * network.Spec.Outputs];
        public readonly float[] Gradient = new float[network.Layout.Count];
        public LossSums Sums;
    }

    /// <summary>Makes the networks.</summary>
    /// <param name="makeNetwork">A network that remembers so many rows.</param>
    /// <param name="rowsMaximum">The most rows of a minibatch.</param>
    public ShardedGradient(Func<int, INetwork> makeNetwork, int rowsMaximum)
    {
        var count = Math.Clamp(rowsMaximum / RowsWorthAShard, 1, MaximumShards);
        var rowsOfOne = (rowsMaximum + count - 1) / count;
        shards = [.. Enumerable.Range(0, count).Select(_ => new Shard(makeNetwork(rowsOfOne), rowsOfOne))];
        compute = Compute;
    }

    /// <summary>Computes the gradient of the loss over these rows.</summary>
    /// <param name="parameters">θ [P].</param>
    /// <param name="observations">Of the whole batch [B, O].</param>
    /// <param name="rows">The minibatch.</param>
    /// <param name="loss">Whose gradient.</param>
    /// <param name="gradient">Receives ∂L/∂θ [P]; empty where only what the loss measures is wanted.</param>
    /// <returns>What the loss measured.</returns>
    public LossSums Compute(float[] parameters, float[] observations, ReadOnlyMemory<int> rows, IRowLoss loss, Span<float> gradient)
    {
        (this.parameters, this.observations, this.rows, this.loss, wantsGradient) = (parameters, observations, rows, loss, !gradient.IsEmpty);
        if (shards.Length == 1)
            Compute(0);
        else
            Parallel.For(0, shards.Length, compute);
        if (wantsGradient)
            shards[0].Gradient.CopyTo(gradient);
        var sums = shards[0].Sums;
        foreach (var shard in shards.AsSpan(1))
        {
            if (wantsGradient)
                TensorPrimitives.Add(gradient, shard.Gradient, gradient);
            sums.Add(shard.Sums);
        }
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
        var (first, end) = (rows.Length * index / shards.Length, rows.Length * (index + 1) / shards.Length);
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
        loss!.Gradient(own, shard.Network.Forward(shard.Observations.AsSpan(0, own.Length * inputs)), outputGradients, ref shard.Sums);
        if (wantsGradient)
            shard.Network.Backward(outputGradients, shard.Gradient);
    }
}
