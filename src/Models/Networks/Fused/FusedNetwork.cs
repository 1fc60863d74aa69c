using System.Collections.Immutable;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>The fused engine: perceptrons on the CPU in SIMD kernels. No tensors, no native calls, no allocation once made.</summary>
public sealed unsafe class FusedNetwork : INetwork
{
    private readonly AlignedMemory memory;
    private readonly ImmutableArray<FusedTower> towers;
    private readonly float* observations;
    private readonly float[] outputs;
    private readonly float[] constants;

    /// <summary>A network that remembers up to <paramref name="rowCapacity"/> rows; its parameters are undefined until <see cref="Load"/>.</summary>
    /// <exception cref="ArgumentException">The specification is not a network, or the capacity is below 1.</exception>
    public FusedNetwork(NetworkSpec spec, int rowCapacity)
        : this(spec, rowCapacity, Kernels.Widest) { }

    internal FusedNetwork(NetworkSpec spec, int rowCapacity, Kernels kernels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCapacity, 1);
        Spec = spec;
        Layout = new ParameterLayout(spec);
        RowCapacity = rowCapacity;
        memory = new AlignedMemory(
            AlignedMemory.Rounded(rowCapacity * spec.Inputs) + Layout.Towers.Sum(layers => FusedTower.FloatsNeeded(layers, spec, rowCapacity, kernels)));
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
        if (parameters.Length != Layout.Count)
            throw new ArgumentException($"This network has {Layout.Count} parameters, not {parameters.Length}.", nameof(parameters));
        foreach (var tower in towers)
            tower.Load(parameters);
        parameters[Layout.ConstantOffset..].CopyTo(constants);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        var rows = RowsOf(observations.Length, Spec.Inputs, row);
        observations.CopyTo(new Span<float>(this.observations + row * Spec.Inputs, observations.Length));
        var result = outputs.AsSpan(row * Spec.Outputs, rows * Spec.Outputs);
        var column = 0;
        foreach (var tower in towers)
        {
            tower.Forward(this.observations, row, rows, result[column..], Spec.Outputs);
            column += tower.Outputs;
        }
        if (constants.Length > 0)
            for (var i = 0; i < rows; i++)
                constants.CopyTo(result[(i * Spec.Outputs + column)..]);
        return result;
    }

    /// <inheritdoc/>
    public void Backward(ReadOnlySpan<float> outputGradients, Span<float> parameterGradients, Span<float> inputGradients = default)
    {
        var rows = RowsOf(outputGradients.Length, Spec.Outputs, 0);
        if (!parameterGradients.IsEmpty && parameterGradients.Length != Layout.Count)
            throw new ArgumentException($"This network has {Layout.Count} parameters, not {parameterGradients.Length}.", nameof(parameterGradients));
        if (!inputGradients.IsEmpty && inputGradients.Length != rows * Spec.Inputs)
            throw new ArgumentException($"{rows} rows need {rows * Spec.Inputs} input gradients, not {inputGradients.Length}.", nameof(inputGradients));
        inputGradients.Clear();
        var column = 0;
        foreach (var tower in towers)
        {
            tower.Backward(observations, rows, outputGradients[column..], Spec.Outputs, parameterGradients, inputGradients);
            column += tower.Outputs;
        }
        if (parameterGradients.IsEmpty)
            return;
        var constantGradients = parameterGradients[Layout.ConstantOffset..];
        constantGradients.Clear();
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < constantGradients.Length; i++)
                constantGradients[i] += outputGradients[row * Spec.Outputs + column + i];
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private int RowsOf(int length, int rowLength, int firstRow)
    {
        var rows = length / rowLength;
        if (rows * rowLength != length || rows == 0)
            throw new ArgumentException($"{length} floats are not a whole number of rows of {rowLength}.");
        if (firstRow < 0 || firstRow + rows > RowCapacity)
            throw new ArgumentException($"Rows {firstRow} to {firstRow + rows - 1} do not fit the capacity of {RowCapacity} rows.");
        return rows;
    }
}
