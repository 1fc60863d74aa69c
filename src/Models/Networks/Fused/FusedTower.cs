using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>One tower of a <see cref="FusedNetwork"/>: packed weights, remembered activations, forward and backward pass.</summary>
/// <remarks>
/// <para>
/// Weights are packed with their columns padded to whole vectors, so that no kernel has a tail; padding is zero and stays zero,
/// because every activation function maps zero to zero. Transposed weights are made once a load, when a backward pass needs them.
/// </para>
/// <para>
/// Every pass comes in pieces that several threads may compute at a time: rows of the batch, or rows of a layer's weights. Pieces begin
/// at multiples of four rows, as the kernels' tiles do, so that they come to the same bits as the whole.
/// </para>
/// </remarks>
internal sealed unsafe class FusedTower
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>Rows of weights in a piece: what has to be copied of it is copied while the cache still holds it.</summary>
    public const int PieceRows = 64;

    private readonly Dense[] layers;
    private readonly NetworkSpec spec;
    private readonly Kernels kernels;
    private readonly float* inputGradientRows;
    private int transposedFrom;

    /// <summary>One dense layer's packed parameters, and what it remembers of each row. Strides are in floats.</summary>
    private sealed class Dense(
        LayerLayout layout, int stride, int inputStride, int rowCapacity, bool keepsPreactivations, AlignedMemory memory)
    {
        public readonly LayerLayout Layout = layout;
        public readonly int Stride = stride;
        public readonly int InputStride = inputStride;
        public readonly float* Weights = memory.Take(layout.Inputs * stride);
        public readonly float* Bias = memory.Take(stride);
        public readonly float* Transposed = memory.Take(layout.Outputs * inputStride);
        public readonly float* Activations = memory.Take(rowCapacity * stride);
        public readonly float* Preactivations = memory.Take(keepsPreactivations ? rowCapacity * stride : 0);
        public readonly float* Gradients = memory.Take(rowCapacity * stride);

        /// <summary>Weight gradients with their padding, then those of the bias; none where there is no padding.</summary>
        public readonly float* PaddedGradients = memory.Take((int)PaddedGradientFloats(layout, stride));

        public static long PaddedGradientFloats(LayerLayout layout, int stride) => stride == layout.Outputs ? 0 : (layout.Inputs + 1L) * stride;
    }

    public FusedTower(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, int rowCapacity, Kernels kernels, AlignedMemory memory)
    {
        this.spec = spec;
        this.kernels = kernels;
        layers =
        [
            .. layouts.Select(layout => new Dense(
                layout, kernels.Padded(layout.Outputs), kernels.Padded(layout.Inputs), rowCapacity,
                keepsPreactivations: spec.Activation == Activation.SiLU, memory))
        ];
        inputGradientRows = memory.Take(rowCapacity * kernels.Padded(spec.Inputs));
    }

    public int Outputs => layers[^1].Layout.Outputs;

    /// <summary>The pieces of the weights: each layer's, in <see cref="PieceRows"/> rows.</summary>
    public IEnumerable<(int Layer, int FirstRow)> WeightPieces =>
        from layer in Enumerable.Range(0, layers.Length)
        from piece in Enumerable.Range(0, (layers[layer].Layout.Inputs + PieceRows - 1) / PieceRows)
        select (layer, piece * PieceRows);

    public static long FloatsNeeded(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, int rowCapacity, Kernels kernels) =>
        AlignedMemory.Rounded((long)rowCapacity * kernels.Padded(spec.Inputs))
        + layouts.Sum(layout =>
        {
            var stride = kernels.Padded(layout.Outputs);
            return AlignedMemory.Rounded(layout.Inputs * (long)stride) + AlignedMemory.Rounded(stride)
                + AlignedMemory.Rounded(layout.Outputs * (long)kernels.Padded(layout.Inputs))
                + 3 * AlignedMemory.Rounded(rowCapacity * (long)stride) + AlignedMemory.Rounded(Dense.PaddedGradientFloats(layout, stride));
        });

    [MethodImpl(Hot)]
    public void Load(ReadOnlySpan<float> parameters)
    {
        foreach (var layer in layers)
        {
            var (inputs, outputs, offset) = layer.Layout;
            if (layer.Stride == outputs)
                parameters.Slice(offset, inputs * outputs).CopyTo(new Span<float>(layer.Weights, inputs * outputs));
            else
                for (var i = 0; i < inputs; i++)
                    parameters.Slice(offset + i * outputs, outputs).CopyTo(new Span<float>(layer.Weights + i * layer.Stride, outputs));
            parameters.Slice(layer.Layout.BiasOffset, outputs).CopyTo(new Span<float>(layer.Bias, outputs));
        }
        transposedFrom = layers.Length;
    }

    /// <summary>
    /// Computes rows of the tower and copies its outputs into their columns of <paramref name="result"/> (one row every <paramref
    /// name="resultStride"/>).
    /// </summary>
    [MethodImpl(Hot)]
    public void Forward(float* observations, int row, int rows, Span<float> result, int resultStride)
    {
        var input = observations + row * spec.Inputs;
        var inputStride = spec.Inputs;
        for (var index = 0; index < layers.Length; index++)
        {
            var layer = layers[index];
            var output = layer.Activations + row * layer.Stride;
            kernels.Multiply(
                input, inputStride, 1, layer.Weights, layer.Stride, output, layer.Stride, layer.Bias,
                rows, layer.Stride, layer.Layout.Inputs);
            if (index < layers.Length - 1)
                kernels.Activate(spec.Activation, output, layer.Preactivations + row * layer.Stride, rows * layer.Stride);
            input = output;
            inputStride = layer.Stride;
        }
        for (var i = 0; i < rows; i++)
            for (var column = 0; column < Outputs; column++)
                result[i * resultStride + column] = input[i * inputStride + column];
    }

    /// <summary>Whether the weights that a backward pass multiplies with are transposed, down to those of the first layer or the second.</summary>
    public bool IsTransposed(bool toInputs) => transposedFrom <= (toInputs ? 0 : 1);

    /// <summary>Transposes what is not transposed yet.</summary>
    [MethodImpl(Hot)]
    public void Transpose(bool toInputs)
    {
        while (!IsTransposed(toInputs))
        {
            var layer = layers[--transposedFrom];
            kernels.Transpose(layer.Weights, layer.Stride, layer.Transposed, layer.InputStride, layer.Layout.Inputs, layer.Layout.Outputs);
        }
    }

    /// <summary>Transposes one piece; when each is, <see cref="SetTransposed"/> says so.</summary>
    [MethodImpl(Hot)]
    public void Transpose(int index, int firstRow)
    {
        var layer = layers[index];
        kernels.Transpose(
            layer.Weights + firstRow * layer.Stride, layer.Stride, layer.Transposed + firstRow, layer.InputStride,
            Math.Min(PieceRows, layer.Layout.Inputs - firstRow), layer.Layout.Outputs);
    }

    /// <summary>Every piece is transposed.</summary>
    public void SetTransposed() => transposedFrom = 0;

    /// <summary>
    /// Carries the gradients of some rows from the outputs down to every layer, and adds the tower's share of those of the inputs when
    /// these are wanted. The weights are transposed.
    /// </summary>
    /// <param name="outputGradients">Those of row 0, one row every <paramref name="gradientStride"/>.</param>
    /// <param name="gradientStride">In floats.</param>
    /// <param name="row">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="inputGradients">Of row 0; null when not wanted.</param>
    [MethodImpl(Hot)]
    public void Propagate(float* outputGradients, int gradientStride, int row, int rows, float* inputGradients)
    {
        var last = layers[^1];
        for (var i = row; i < row + rows; i++)
            for (var column = 0; column < Outputs; column++)
                last.Gradients[i * last.Stride + column] = outputGradients[i * gradientStride + column];
        for (var index = layers.Length - 1; index > 0; index--)
        {
            var below = layers[index - 1];
            var first = row * below.Stride;
            InputGradients(layers[index], row, rows, below.Gradients + first);
            kernels.Differentiate(spec.Activation, below.Activations + first, below.Preactivations + first, below.Gradients + first, rows * below.Stride);
        }
        if (inputGradients == null)
            return;
        var stride = layers[0].InputStride;
        InputGradients(layers[0], row, rows, inputGradientRows + row * stride);
        for (var i = row; i < row + rows; i++)
            for (var column = 0; column < spec.Inputs; column++)
                inputGradients[i * spec.Inputs + column] += inputGradientRows[i * stride + column];
    }

    /// <summary>One piece of dW = Xᵀ dY, and with a layer's first piece db = Σ dY, straight into the flat gradient where columns need no padding.</summary>
    [MethodImpl(Hot)]
    public void WeightGradients(int index, int firstRow, float* observations, int rows, float* parameterGradients)
    {
        var layer = layers[index];
        var (inputCount, outputCount, offset) = layer.Layout;
        var inputs = index == 0 ? observations : layers[index - 1].Activations;
        var inputStride = index == 0 ? spec.Inputs : layers[index - 1].Stride;
        var isDirect = layer.Stride == outputCount;
        var count = Math.Min(PieceRows, inputCount - firstRow);
        var weights = isDirect ? parameterGradients + offset + firstRow * outputCount : layer.PaddedGradients + firstRow * layer.Stride;
        kernels.Multiply(
            inputs + firstRow, 1, inputStride, layer.Gradients, layer.Stride, weights, layer.Stride, null, count, layer.Stride, rows);
        if (!isDirect)
            for (var i = 0; i < count; i++)
                Copy(weights + i * layer.Stride, parameterGradients + offset + (firstRow + i) * outputCount, outputCount);
        if (firstRow > 0)
            return;
        var bias = isDirect ? parameterGradients + layer.Layout.BiasOffset : layer.PaddedGradients + inputCount * layer.Stride;
        kernels.SumRows(layer.Gradients, layer.Stride, bias, rows, layer.Stride);
        if (!isDirect)
            Copy(bias, parameterGradients + layer.Layout.BiasOffset, outputCount);
    }

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

    /// <summary>dX = dY Wᵀ, which with the transposed weights at hand is the forward kernel again.</summary>
    private void InputGradients(Dense layer, int row, int rows, float* gradients) =>
        kernels.Multiply(
            layer.Gradients + row * layer.Stride, layer.Stride, 1, layer.Transposed, layer.InputStride, gradients, layer.InputStride, null,
            rows, layer.InputStride, layer.Layout.Outputs);
}
