using System.Collections.Immutable;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>The fused engine: perceptrons on the CPU in SIMD kernels. No tensors, no native calls, no allocation once made.</summary>
/// <remarks>
/// The kernels work on native memory by pointers: every call keeps it alive until it returns, and none begins once it is gone.
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
        if (parameters.Length != Layout.Count)
            throw new ArgumentException($"This network has {Layout.Count} parameters, not {parameters.Length}.", nameof(parameters));
        foreach (var tower in towers)
            tower.Load(parameters);
        parameters[Layout.ConstantOffset..].CopyTo(constants);
        GC.KeepAlive(memory);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        var rows = RowsOf(observations.Length, observationSize, row);
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
        var rows = RowsOf(outputGradients.Length, outputSize, 0);
        if (!parameterGradients.IsEmpty && parameterGradients.Length != Layout.Count)
            throw new ArgumentException(
                $"This network has {Layout.Count} parameters, not {parameterGradients.Length}.", nameof(parameterGradients));
        if (!inputGradients.IsEmpty && inputGradients.Length != rows * observationSize)
            throw new ArgumentException(
                $"{rows} rows need {rows * observationSize} input gradients, not {inputGradients.Length}.", nameof(inputGradients));
        inputGradients.Clear();
        var column = 0;
        foreach (var tower in towers)
        {
            tower.Backward(observations, rows, outputGradients[column..], outputSize, parameterGradients, inputGradients);
            column += tower.Outputs;
        }
        if (!parameterGradients.IsEmpty)
            SumConstants(outputGradients[column..], rows, parameterGradients[Layout.ConstantOffset..]);
        GC.KeepAlive(memory);
    }

    private void SumConstants(ReadOnlySpan<float> gradients, int rows, Span<float> sums)
    {
        sums.Clear();
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < sums.Length; i++)
                sums[i] += gradients[row * outputSize + i];
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private int RowsOf(int length, int rowLength, int firstRow)
    {
        var rows = length / rowLength;
        if (rows * rowLength != length || rows == 0)
            throw new ArgumentException($"{length} floats are not a whole number of rows of {rowLength}.");
        if (firstRow < 0 || firstRow > RowCapacity - rows)
            throw new ArgumentException($"Rows {firstRow} to {firstRow + rows - 1} do not fit the capacity of {RowCapacity} rows.");
        return rows;
    }
}
