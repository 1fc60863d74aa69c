using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>One tower of a <see cref="FusedNetwork"/>: packed weights, remembered activations, forward and backward pass.</summary>
/// <remarks>
/// <para>
/// Weights are packed with their columns padded to whole vectors, so that no kernel has a tail; padding is zero and stays zero,
/// because every activation function maps zero to zero. A head of a few columns, for which that would be mostly padding, is packed transposed.
/// </para>
/// <para>
/// Every pass comes in pieces that several threads may compute at a time: forward rows of the batch, backward rows of a layer's weights,
/// layer by layer. They begin where the kernels' tiles do, so that they come to the same bits as the whole.
/// </para>
/// </remarks>
internal sealed unsafe class FusedTower
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>Rows of weights in a piece: what is transposed or copied of it is used while the cache still holds it.</summary>
    private const int PieceRows = 64;

    private readonly Dense[] layers;
    private readonly NetworkSpec spec;
    private readonly Kernels kernels;
    private readonly float* inputGradientRows;

    /// <summary>One dense layer's packed parameters, and what it remembers of each row. Strides are in floats.</summary>
    private sealed class Dense(
        LayerLayout layout, int stride, int inputStride, bool isNarrow, int rowCapacity, bool keepsPreactivations, AlignedMemory memory)
    {
        public readonly LayerLayout Layout = layout;
        public readonly int Stride = stride;
        public readonly int InputStride = inputStride;

        /// <summary>Whether it is packed transposed.</summary>
        public readonly bool IsNarrow = isNarrow;

        /// <summary>[inputs, stride]; of a narrow layer none.</summary>
        public readonly float* Weights = memory.Take(isNarrow ? 0 : layout.Inputs * stride);
        public readonly float* Bias = memory.Take(stride);

        /// <summary>The transposed weights: of a narrow layer [outputs, input stride], of others piece by piece, made as they are needed.</summary>
        public readonly float* Transposed = memory.Take(layout.Outputs * inputStride);
        public readonly float* Activations = memory.Take(rowCapacity * stride);
        public readonly float* Preactivations = memory.Take(keepsPreactivations ? rowCapacity * stride : 0);
        public readonly float* Gradients = memory.Take(rowCapacity * stride);

        /// <summary>Weight gradients with their padding, of a narrow layer transposed, then those of the bias; none where there is no padding.</summary>
        public readonly float* PaddedGradients = memory.Take((int)PaddedGradientFloats(layout, stride, inputStride, isNarrow));

        public static long PaddedGradientFloats(LayerLayout layout, int stride, int inputStride, bool isNarrow) =>
            stride == layout.Outputs ? 0 : stride + (isNarrow ? (long)layout.Outputs * inputStride : (long)layout.Inputs * stride);
    }

    public FusedTower(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, int rowCapacity, Kernels kernels, AlignedMemory memory)
    {
        this.spec = spec;
        this.kernels = kernels;
        layers =
        [
            .. layouts.Select((layout, index) => new Dense(
                layout, kernels.Padded(layout.Outputs), kernels.Padded(layout.Inputs), IsNarrow(layouts, index, kernels), rowCapacity,
                keepsPreactivations: spec.Activation == Activation.SiLU, memory))
        ];
        inputGradientRows = memory.Take(rowCapacity * kernels.Padded(spec.Inputs));
    }

    public int Outputs => layers[^1].Layout.Outputs;

    /// <summary>Layers, the heads' included.</summary>
    public int Depth => layers.Length;

    /// <summary>The first rows of a layer's pieces; none for a layer that the tower does not have.</summary>
    public IEnumerable<int> PiecesOf(int layer) =>
        layer >= layers.Length ? [] : Enumerable.Range(0, (layers[layer].Layout.Inputs + PieceRows - 1) / PieceRows).Select(piece => piece * PieceRows);

    public static long FloatsNeeded(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, int rowCapacity, Kernels kernels) =>
        AlignedMemory.Rounded((long)rowCapacity * kernels.Padded(spec.Inputs))
        + layouts.Select((layout, index) =>
        {
            var (stride, inputStride, isNarrow) = (kernels.Padded(layout.Outputs), kernels.Padded(layout.Inputs), IsNarrow(layouts, index, kernels));
            return AlignedMemory.Rounded(isNarrow ? 0 : layout.Inputs * (long)stride) + AlignedMemory.Rounded(stride)
                + AlignedMemory.Rounded(layout.Outputs * (long)inputStride)
                + 3 * AlignedMemory.Rounded(rowCapacity * (long)stride)
                + AlignedMemory.Rounded(Dense.PaddedGradientFloats(layout, stride, inputStride, isNarrow));
        }).Sum();

    /// <summary>A head that fills a quarter of a vector at most, above a hidden layer, whose activations are padded.</summary>
    private static bool IsNarrow(ImmutableArray<LayerLayout> layouts, int index, Kernels kernels) =>
        index > 0 && index == layouts.Length - 1 && 4 * layouts[index].Outputs <= kernels.Lanes;

    /// <summary>The parameters of a piece: its rows of weights, and with a layer's last rows its biases.</summary>
    public Range RangeOf(int index, int firstRow)
    {
        var layout = layers[index].Layout;
        var end = firstRow + PieceRows < layout.Inputs ? layout.WeightOffset + (firstRow + PieceRows) * layout.Outputs : layout.End;
        return (layout.WeightOffset + firstRow * layout.Outputs)..end;
    }

    /// <summary>Takes a piece of the flat parameters.</summary>
    [MethodImpl(Hot)]
    public void Load(int index, int firstRow, float* parameters)
    {
        var layer = layers[index];
        var (inputs, outputs, offset) = layer.Layout;
        var count = Math.Min(PieceRows, inputs - firstRow);
        if (layer.IsNarrow)
            for (var i = firstRow; i < firstRow + count; i++)
                for (var column = 0; column < outputs; column++)
                    layer.Transposed[column * layer.InputStride + i] = parameters[offset + i * outputs + column];
        else if (layer.Stride == outputs)
            Copy(parameters + offset + firstRow * outputs, layer.Weights + firstRow * outputs, count * outputs);
        else
            for (var i = firstRow; i < firstRow + count; i++)
                Copy(parameters + offset + i * outputs, layer.Weights + i * layer.Stride, outputs);
        if (firstRow + count == inputs)
            Copy(parameters + layer.Layout.BiasOffset, layer.Bias, outputs);
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
            if (layer.IsNarrow)
                kernels.MultiplyNarrow(
                    input, inputStride, layer.Transposed, layer.InputStride, output, layer.Stride, layer.Bias,
                    rows, layer.Layout.Outputs, layer.InputStride);
            else
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

    /// <summary>Takes the gradients of the outputs, one row every <paramref name="gradientStride"/>; the backward pass begins.</summary>
    [MethodImpl(Hot)]
    public void TakeGradients(ReadOnlySpan<float> outputGradients, int gradientStride, int rows)
    {
        var last = layers[^1];
        for (var i = 0; i < rows; i++)
            for (var column = 0; column < Outputs; column++)
                last.Gradients[i * last.Stride + column] = outputGradients[i * gradientStride + column];
    }

    /// <summary>One piece of a layer's backward pass, once the layer above is done.</summary>
    /// <param name="index">Which layer.</param>
    /// <param name="firstRow">The piece.</param>
    /// <param name="observations">Those of the forward pass.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="parameterGradients">The flat gradient; null when not wanted.</param>
    /// <param name="wantsInputs">Whether the first layer, too, hands gradients down, for <see cref="AddInputGradients"/>.</param>
    [MethodImpl(Hot)]
    public void Backward(int index, int firstRow, float* observations, int rows, float* parameterGradients, bool wantsInputs)
    {
        if (index > 0)
        {
            var below = layers[index - 1];
            var width = InputGradients(layers[index], firstRow, rows, below.Gradients, below.Stride);
            // In one go where the piece is as wide as the layer.
            var (spans, length) = width == below.Stride ? (1, rows * width) : (rows, width);
            for (var (span, first) = (0, firstRow); span < spans; span++, first += below.Stride)
                kernels.Differentiate(spec.Activation, below.Activations + first, below.Preactivations + first, below.Gradients + first, length);
        }
        else if (wantsInputs)
            InputGradients(layers[0], firstRow, rows, inputGradientRows, layers[0].InputStride);
        if (parameterGradients != null)
            WeightGradients(index, firstRow, observations, rows, parameterGradients);
    }

    /// <summary>Adds the tower's share of the gradients of the inputs; the backward pass is over.</summary>
    [MethodImpl(Hot)]
    public void AddInputGradients(Span<float> inputGradients, int rows)
    {
        var stride = layers[0].InputStride;
        for (var i = 0; i < rows; i++)
            for (var column = 0; column < spec.Inputs; column++)
                inputGradients[i * spec.Inputs + column] += inputGradientRows[i * stride + column];
    }

    /// <summary>Columns of dX = dY Wᵀ, which with those weights transposed is the forward kernel again; returns how many, padding included.</summary>
    private int InputGradients(Dense layer, int firstRow, int rows, float* gradients, int stride)
    {
        var (inputs, outputs, _) = layer.Layout;
        var count = Math.Min(PieceRows, inputs - firstRow);
        var width = kernels.Padded(count);
        var transposed = layer.Transposed + firstRow * (layer.IsNarrow ? 1 : outputs);
        if (!layer.IsNarrow)
            kernels.Transpose(layer.Weights + firstRow * layer.Stride, layer.Stride, transposed, width, count, outputs);
        kernels.Multiply(
            layer.Gradients, layer.Stride, 1, transposed, layer.IsNarrow ? layer.InputStride : width, gradients + firstRow, stride, null, rows, width, outputs);
        return width;
    }

    /// <summary>Rows of dW = Xᵀ dY, and with a layer's first rows db = Σ dY, straight into the flat gradient where columns need no padding.</summary>
    private void WeightGradients(int index, int firstRow, float* observations, int rows, float* parameterGradients)
    {
        var layer = layers[index];
        var (inputCount, outputCount, offset) = layer.Layout;
        var inputs = index == 0 ? observations : layers[index - 1].Activations;
        var inputStride = index == 0 ? spec.Inputs : layers[index - 1].Stride;
        var isDirect = layer.Stride == outputCount;
        var count = Math.Min(PieceRows, inputCount - firstRow);
        if (layer.IsNarrow)
        {
            kernels.Multiply(
                layer.Gradients, 1, layer.Stride, inputs + firstRow, inputStride, layer.PaddedGradients + firstRow, layer.InputStride, null,
                outputCount, kernels.Padded(count), rows);
            for (var i = firstRow; i < firstRow + count; i++)
                for (var column = 0; column < outputCount; column++)
                    parameterGradients[offset + i * outputCount + column] = layer.PaddedGradients[column * layer.InputStride + i];
        }
        else
        {
            var weights = isDirect ? parameterGradients + offset + firstRow * outputCount : layer.PaddedGradients + firstRow * layer.Stride;
            kernels.Multiply(
                inputs + firstRow, 1, inputStride, layer.Gradients, layer.Stride, weights, layer.Stride, null, count, layer.Stride, rows);
            if (!isDirect)
                for (var i = 0; i < count; i++)
                    Copy(weights + i * layer.Stride, parameterGradients + offset + (firstRow + i) * outputCount, outputCount);
        }
        if (firstRow > 0)
            return;
        var bias = isDirect ? parameterGradients + layer.Layout.BiasOffset
            : layer.PaddedGradients + (layer.IsNarrow ? outputCount * layer.InputStride : inputCount * layer.Stride);
        kernels.SumRows(layer.Gradients, layer.Stride, bias, rows, layer.Stride);
        if (!isDirect)
            Copy(bias, parameterGradients + layer.Layout.BiasOffset, outputCount);
    }

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
}
