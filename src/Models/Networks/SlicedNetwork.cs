using System.Collections.Immutable;
using System.Numerics.Tensors;
using AkkaRL.Models.Networks.Fused;

namespace AkkaRL.Models.Networks;

/// <summary>A network whose batches several cores compute, each core some units of the last hidden layers: a <see cref="NetworkSlice"/>.</summary>
/// <remarks>
/// A core keeps what belongs to its slice: parameters, gradients, activations. Only outputs and the gradient of what the slices have in common travel
/// between cores, for to fetch what another core has written costs more than the arithmetic. How a network is shared out depends on its size alone, so
/// the result is the same to the bit whatever the number of threads; from a network in one piece it differs by rounding, for outputs are sums of the slices'.
/// </remarks>
public sealed unsafe class SlicedNetwork : INetwork
{
    /// <summary>Multiply-adds of a pass below which slices cost more than they save: some 5 microseconds of one core.</summary>
    private const long WorthACrew = 500_000;

    /// <summary>Units below which a tower has no more slices than two, for two cores.</summary>
    private const int UnitsWorthASlice = 128;

    private readonly Crew? crew;
    private readonly long multiplyAdds;
    private readonly int inputSize, outputSize;
    private readonly float[] outputs;
    private readonly Action<int> load, forward, backward;

    // The pass at hand.
    private float* given;
    private int length, row;
    private bool wantsParameters, wantsInputs;

    /// <summary>A slice, and what its core keeps.</summary>
    internal sealed class Part(NetworkSlice slice, INetwork network, Part? first)
    {
        public readonly NetworkSlice Slice = slice;
        public readonly INetwork Network = network;

        /// <summary>Its outputs a row.</summary>
        public readonly int Width = network.Spec.Outputs;

        /// <summary>The first of the tower's.</summary>
        public Part First => first ?? this;

        /// <summary>The first's: the gradient of the parameters that all slices of the tower have.</summary>
        public readonly float[] Common = new float[first is null ? slice.Tied : 0];

        public readonly float[] Parameters = new float[network.Layout.Count];
        public readonly float[] Gradient = new float[network.Layout.Count];
        public readonly float[] Outputs = new float[network.RowCapacity * network.Spec.Outputs];
        public readonly float[] OutputGradients = new float[network.RowCapacity * network.Spec.Outputs];

        /// <summary>Made when they are first wanted.</summary>
        public float[] InputGradients = [];

        /// <summary>Adds its outputs of these rows to their columns.</summary>
        public void AddOutputs(int row, int rows, Span<float> all, int stride)
        {
            for (var i = 0; i < rows; i++)
                for (var column = 0; column < Width; column++)
                    all[i * stride + Slice.FirstColumn + column] += Outputs[(row + i) * Width + column];
        }
    }

    /// <summary>A network of the fused engine.</summary>
    /// <param name="spec">What the network is.</param>
    /// <param name="rowCapacity">The most rows.</param>
    /// <param name="crew">Who computes.</param>
    public SlicedNetwork(NetworkSpec spec, int rowCapacity, Crew crew)
        : this(spec, rowCapacity, SlicesOf(spec, rowCapacity), crew) { }

    internal SlicedNetwork(NetworkSpec spec, int rowCapacity, int slices, Crew crew)
        : this(
            spec, new ParameterLayout(spec), rowCapacity,
            NetworkSlice.Share(spec, slices).Select(slice => (slice, (INetwork)new FusedNetwork(slice.Spec, rowCapacity))), crew) { }

    private SlicedNetwork(NetworkSpec spec, ParameterLayout layout, int rowCapacity, IEnumerable<(NetworkSlice Slice, INetwork Network)> slices, Crew? crew)
    {
        (Spec, Layout, RowCapacity, this.crew) = (spec, layout, rowCapacity, crew);
        var parts = ImmutableArray.CreateBuilder<Part>();
        foreach (var (slice, network) in slices)
            parts.Add(new Part(slice, network, slice.IsFirst ? null : parts.Last(part => part.Slice.IsFirst)));
        Parts = parts.ToImmutable();
        (multiplyAdds, inputSize, outputSize) = (layout.Count, spec.Inputs, spec.Outputs);
        outputs = new float[rowCapacity * outputSize];
        (load, forward, backward) = (Load, Forward, Backward);
    }

    /// <inheritdoc/>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public int RowCapacity { get; }

    /// <summary>The slices.</summary>
    internal ImmutableArray<Part> Parts { get; }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        PassLengths.RequireParameters(parameters.Length, Layout.Count, nameof(parameters));
        fixed (float* taken = parameters)
        {
            given = taken;
            Run(RowCapacity, load);
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        if (Parts is [var whole])
            return whole.Network.Forward(observations, row);
        var rows = PassLengths.Rows(observations.Length, inputSize, row, RowCapacity);
        fixed (float* taken = observations)
        {
            given = taken;
            (length, this.row) = (observations.Length, row);
            Run(rows, forward);
        }
        var result = outputs.AsSpan(row * outputSize, rows * outputSize);
        result.Clear();
        foreach (var part in Parts)
            part.AddOutputs(row, rows, result, outputSize);
        return result;
    }

    /// <inheritdoc/>
    public void Backward(ReadOnlySpan<float> outputGradients, Span<float> parameterGradients, Span<float> inputGradients = default)
    {
        if (!parameterGradients.IsEmpty)
            PassLengths.RequireParameters(parameterGradients.Length, Layout.Count, nameof(parameterGradients));
        Differentiate(outputGradients, !parameterGradients.IsEmpty, inputGradients);
        if (parameterGradients.IsEmpty)
            return;
        SumTied();
        foreach (var part in Parts)
        {
            part.Common.CopyTo(part.Gradient, 0);
            part.Slice.Give(part.Gradient, parameterGradients);
        }
    }

    /// <summary>Adds up the slices' gradients of the parameters that all slices of a tower have, in their order.</summary>
    internal void SumTied()
    {
        foreach (var part in Parts)
        {
            var own = part.Gradient.AsSpan(0, part.Slice.Tied);
            if (part == part.First)
                own.CopyTo(part.Common);
            else
                TensorPrimitives.Add(part.First.Common, own, part.First.Common);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in Parts)
            part.Network.Dispose();
    }

    /// <summary>The same network in slices; in one, where it is not made of several.</summary>
    internal static SlicedNetwork Of(INetwork network) => network as SlicedNetwork
        ?? new SlicedNetwork(network.Spec, network.Layout, network.RowCapacity, [(NetworkSlice.Whole(network), network)], crew: null);

    /// <summary>Calls an action with the number of each part, some at a time where so many rows are worth it.</summary>
    internal void Run(int rows, Action<int> action)
    {
        if (crew is not null && rows * multiplyAdds >= WorthACrew)
            crew.Run(Parts.Length, action);
        else
            for (var part = 0; part < Parts.Length; part++)
                action(part);
    }

    /// <summary>The backward pass, each slice's gradients to itself.</summary>
    internal void Differentiate(ReadOnlySpan<float> outputGradients, bool wantsParameters, Span<float> inputGradients)
    {
        var rows = PassLengths.Rows(outputGradients.Length, outputSize, 0, RowCapacity);
        if (!inputGradients.IsEmpty)
            PassLengths.RequireInputs(inputGradients.Length, rows, inputSize);
        (this.wantsParameters, wantsInputs) = (wantsParameters, !inputGradients.IsEmpty);
        if (wantsInputs && Parts[0].InputGradients.Length == 0)
            foreach (var part in Parts)
                part.InputGradients = new float[RowCapacity * inputSize];
        fixed (float* taken = outputGradients)
        {
            given = taken;
            length = outputGradients.Length;
            Run(rows, backward);
        }
        inputGradients.Clear();
        if (wantsInputs)
            foreach (var part in Parts)
                TensorPrimitives.Add(inputGradients, part.InputGradients.AsSpan(0, inputGradients.Length), inputGradients);
    }

    private void Load(int index)
    {
        var part = Parts[index];
        part.Slice.Take(new ReadOnlySpan<float>(given, Layout.Count), part.Parameters);
        part.Network.Load(part.Parameters);
    }

    private void Forward(int index)
    {
        var part = Parts[index];
        part.Network.Forward(new ReadOnlySpan<float>(given, length), row).CopyTo(part.Outputs.AsSpan(row * part.Width));
    }

    private void Backward(int index)
    {
        var part = Parts[index];
        var (width, rows) = (part.Width, length / outputSize);
        for (var i = 0; i < rows; i++)
            FewFloats.Copy(
                new ReadOnlySpan<float>(given + i * outputSize + part.Slice.FirstColumn, width), part.OutputGradients.AsSpan(i * width, width));
        part.Network.Backward(
            part.OutputGradients.AsSpan(0, rows * width), wantsParameters ? part.Gradient : default, wantsInputs ? part.InputGradients.AsSpan(0, rows * inputSize) : default);
        part.Gradient.AsSpan(part.Slice.Vacant).Clear();
    }

    /// <summary>Twice as many for each tower as long as that spares a fifth of the time, if each slice has a core.</summary>
    private static int SlicesOf(NetworkSpec spec, int rowCapacity)
    {
        var layout = new ParameterLayout(spec);
        if ((long)rowCapacity * layout.Count < WorthACrew)
            return 1;
        double everySlices = layout.Towers.Sum(layers => layers.SkipLast(2).Sum(layer => layer.End - layer.WeightOffset));
        var (towers, units) = (spec.Towers.Length, spec.Towers.Min(tower => tower.Hidden.IsEmpty ? 0 : tower.Hidden[^1]));
        var slices = 1;
        while ((2 * slices * towers <= 2 || units / (2 * slices) >= UnitsWorthASlice) && Time(2 * slices) <= 0.8 * Time(slices))
            slices *= 2;
        return slices * towers;

        double Time(int slices) => everySlices + (layout.Count - everySlices) / slices;
    }
}
