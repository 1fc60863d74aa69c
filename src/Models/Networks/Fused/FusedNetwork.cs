using System.Collections.Immutable;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>The fused engine: perceptrons on the CPU in SIMD kernels. No tensors, no native calls, no allocation once made.</summary>
/// <remarks>
/// The kernels work on native memory by pointers: every call keeps it alive until it returns, and none begins once it is gone. Computes on the
/// thread that calls; <see cref="SlicedNetwork"/> shares a network out.
/// </remarks>
public sealed unsafe class FusedNetwork : INetwork
{
    private readonly AlignedMemory memory;
    private readonly ImmutableArray<FusedTower> towers;
    private readonly int observationSize;
    private readonly int outputSize;
    private readonly float* observations;
    private readonly float[] outputs;
    private readonly float[] constants;

    /// <summary>
    /// A network that remembers up to <paramref name="rowCapacity"/> rows; its parameters are undefined until <see cref="Load"/>.
    /// </summary>
    /// <param name="spec">What the network is.</param>
    /// <param name="rowCapacity">The most rows.</param>
    /// <exception cref="ArgumentException">The specification is not a network, or the capacity is below 1.</exception>
    public FusedNetwork(NetworkSpec spec, int rowCapacity)
        : this(spec, rowCapacity, Kernels.Widest) { }

    internal FusedNetwork(NetworkSpec spec, int rowCapacity, Kernels kernels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCapacity, 1);
        if (!spec.IsDense)
            throw new ArgumentException("The fused engine computes dense layers alone; convolutions and memories need the torch engine.", nameof(spec));
        Spec = spec;
        Layout = new ParameterLayout(spec);
        RowCapacity = rowCapacity;
        (observationSize, outputSize) = (spec.Inputs, spec.Outputs);
        var floats = AlignedMemory.Rounded((long)rowCapacity * spec.Inputs)
            + Layout.Towers.Sum(layers => FusedTower.FloatsNeeded(layers, spec, rowCapacity, kernels));
        if (floats > int.MaxValue)
            throw new ArgumentException(
                $"This network needs {floats} floats for {rowCapacity} rows, more than one block holds: make layers narrower or rows fewer.");
        memory = new AlignedMemory((int)floats);
        observations = memory.Take(rowCapacity * spec.Inputs);
        towers = [.. Layout.Towers.Select(layers => new FusedTower(layers, spec, rowCapacity, kernels, memory))];
        outputs = new float[rowCapacity * spec.Outputs];
        constants = new float[spec.Constants];
    }

    /// <inheritdoc/>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public int RowCapacity { get; }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        PassLengths.RequireParameters(parameters.Length, Layout.Count, nameof(parameters));
        fixed (float* taken = parameters)
            foreach (var tower in towers)
                tower.Load(taken);
        parameters[Layout.ConstantOffset..].CopyTo(constants);
        GC.KeepAlive(memory);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        var rows = PassLengths.Rows(observations.Length, observationSize, row, RowCapacity);
        observations.CopyTo(new Span<float>(this.observations + row * observationSize, observations.Length));
        var result = outputs.AsSpan(row * outputSize, rows * outputSize);
        var column = 0;
        foreach (var tower in towers)
        {
            tower.Forward(this.observations, row, rows, result[column..], outputSize);
            column += tower.Outputs;
        }
        if (constants.Length > 0)
            for (var i = 0; i < rows; i++)
                constants.CopyTo(result[(i * outputSize + column)..]);
        GC.KeepAlive(memory);
        return result;
    }

    /// <inheritdoc/>
    public void Backward(ReadOnlySpan<float> outputGradients, Span<float> parameterGradients, Span<float> inputGradients = default)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        var rows = PassLengths.Rows(outputGradients.Length, outputSize, 0, RowCapacity);
        if (!parameterGradients.IsEmpty)
            PassLengths.RequireParameters(parameterGradients.Length, Layout.Count, nameof(parameterGradients));
        if (!inputGradients.IsEmpty)
            PassLengths.RequireInputs(inputGradients.Length, rows, observationSize);
        var (column, wantsInputs) = (0, !inputGradients.IsEmpty);
        fixed (float* gradients = parameterGradients)
            foreach (var tower in towers)
            {
                tower.TakeGradients(outputGradients[column..], outputSize, rows);
                tower.Backward(this.observations, rows, gradients, wantsInputs);
                column += tower.Outputs;
            }
        inputGradients.Clear();
        if (wantsInputs)
            foreach (var tower in towers)
                tower.AddInputGradients(inputGradients, rows);
        if (!parameterGradients.IsEmpty)
            SumConstants(outputGradients[column..], rows, parameterGradients[Layout.ConstantOffset..]);
        GC.KeepAlive(memory);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private void SumConstants(ReadOnlySpan<float> gradients, int rows, Span<float> sums)
    {
        sums.Clear();
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < sums.Length; i++)
                sums[i] += gradients[row * outputSize + i];
    }
}
