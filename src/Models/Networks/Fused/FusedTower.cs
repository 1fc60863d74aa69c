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
/// ReLU leaves half of a hidden layer at zero, and in a batch of similar states many of its units in every row: products of wide layers leave
/// these out.
/// </para>
/// </remarks>
internal sealed unsafe class FusedTower
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>Rows of weights that are transposed at a time: what becomes of them is used while the cache still holds it.</summary>
    private const int PanelRows = 64;

    /// <summary>Terms of a sum, and rows of a product, below which to list zeros costs more than it saves.</summary>
    private const int WorthListing = 64, RowsWorthListing = 4;

    private readonly Dense[] layers;
    private readonly NetworkSpec spec;
    private readonly Kernels kernels;
    private readonly float* inputGradientRows;

    /// <summary>For the kernels that leave out zeros; none where no layer has any.</summary>
    private readonly int* list;
    private readonly float* scratch;

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
        list = (int*)memory.Take((int)ListFloats(layouts, spec, kernels));
        scratch = memory.Take((int)ScratchFloats(layouts, spec, rowCapacity, kernels));
    }

    public int Outputs => layers[^1].Layout.Outputs;

    public static long FloatsNeeded(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, int rowCapacity, Kernels kernels) =>
        AlignedMemory.Rounded((long)rowCapacity * kernels.Padded(spec.Inputs))
        + AlignedMemory.Rounded(ListFloats(layouts, spec, kernels)) + AlignedMemory.Rounded(ScratchFloats(layouts, spec, rowCapacity, kernels))
        + layouts.Select((layout, index) =>
        {
            var (stride, inputStride, isNarrow) = (kernels.Padded(layout.Outputs), kernels.Padded(layout.Inputs), IsNarrow(layouts, index, kernels));
            return AlignedMemory.Rounded(isNarrow ? 0 : layout.Inputs * (long)stride) + AlignedMemory.Rounded(stride)
                + AlignedMemory.Rounded(layout.Outputs * (long)inputStride)
                + 3 * AlignedMemory.Rounded(rowCapacity * (long)stride)
                + AlignedMemory.Rounded(Dense.PaddedGradientFloats(layout, stride, inputStride, isNarrow));
        }).Sum();

    /// <summary>The widest layer's terms, and a vector more.</summary>
    private static long ListFloats(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, Kernels kernels) =>
        WidestHidden(layouts, spec, kernels) is var widest and > 0 ? widest + kernels.Lanes : 0;

    private static long ScratchFloats(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, int rowCapacity, Kernels kernels) =>
        WidestHidden(layouts, spec, kernels) is var widest and > 0 ? Kernels.ScratchFloats(widest, rowCapacity) : 0;

    /// <summary>The widest layer with zeros that are worth listing; 0 for none.</summary>
    private static int WidestHidden(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, Kernels kernels) =>
        layouts.Take(layouts.Length - 1).Select(layout => kernels.Padded(layout.Outputs)).Where(stride => HasZeros(spec, stride)).DefaultIfEmpty().Max();

    private static bool HasZeros(NetworkSpec spec, int stride) => spec.Activation == Activation.ReLU && stride >= WorthListing;

    /// <summary>A head that fills a quarter of a vector at most, above a hidden layer, whose activations are padded.</summary>
    private static bool IsNarrow(ImmutableArray<LayerLayout> layouts, int index, Kernels kernels) =>
        index > 0 && index == layouts.Length - 1 && 4 * layouts[index].Outputs <= kernels.Lanes;

    /// <summary>Takes the flat parameters.</summary>
    [MethodImpl(Hot)]
    public void Load(float* parameters)
    {
        foreach (var layer in layers)
        {
            var (inputs, outputs, offset) = layer.Layout;
            if (layer.IsNarrow)
                for (var i = 0; i < inputs; i++)
                    for (var column = 0; column < outputs; column++)
                        layer.Transposed[column * layer.InputStride + i] = parameters[offset + i * outputs + column];
            else if (layer.Stride == outputs)
                Copy(parameters + offset, layer.Weights, inputs * outputs);
            else
                for (var i = 0; i < inputs; i++)
                    Copy(parameters + offset + i * outputs, layer.Weights + i * layer.Stride, outputs);
            Copy(parameters + layer.Layout.BiasOffset, layer.Bias, outputs);
        }
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
            else if (index > 0 && rows >= RowsWorthListing && HasZeros(spec, inputStride))
                kernels.MultiplySparse(
                    input, inputStride, layer.Weights, layer.Stride, output, layer.Stride, layer.Bias, rows, layer.Stride, layer.Layout.Inputs, list);
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

    /// <summary>The backward pass.</summary>
    /// <param name="observations">Those of the forward pass.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="parameterGradients">The flat gradient; null when not wanted.</param>
    /// <param name="wantsInputs">Whether the first layer, too, hands gradients down, for <see cref="AddInputGradients"/>.</param>
    [MethodImpl(Hot)]
    public void Backward(float* observations, int rows, float* parameterGradients, bool wantsInputs)
    {
        for (var index = layers.Length - 1; index >= 0; index--)
        {
            if (index > 0)
            {
                var below = layers[index - 1];
                InputGradients(index, rows, below.Gradients, below.Stride);
                kernels.Differentiate(spec.Activation, below.Activations, below.Preactivations, below.Gradients, rows * below.Stride);
            }
            else if (wantsInputs)
                InputGradients(0, rows, inputGradientRows, layers[0].InputStride);
            if (parameterGradients != null)
                WeightGradients(index, observations, rows, parameterGradients);
        }
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

    /// <summary>dX = dY Wᵀ, which with the weights transposed is the forward kernel again.</summary>
    private void InputGradients(int index, int rows, float* gradients, int stride)
    {
        var layer = layers[index];
        var (inputs, outputs, _) = layer.Layout;
        if (layer.IsNarrow)
        {
            kernels.Multiply(layer.Gradients, layer.Stride, 1, layer.Transposed, layer.InputStride, gradients, stride, null, rows, layer.InputStride, outputs);
            return;
        }
        for (var first = 0; first < inputs; first += PanelRows)
        {
            var count = Math.Min(PanelRows, inputs - first);
            var width = kernels.Padded(count);
            var transposed = layer.Transposed + first * outputs;
            kernels.Transpose(layer.Weights + first * layer.Stride, layer.Stride, transposed, width, count, outputs);
            if (index < layers.Length - 1 && HasZeros(spec, layer.Stride))
                kernels.MultiplySparse(layer.Gradients, layer.Stride, transposed, width, gradients + first, stride, null, rows, width, outputs, list);
            else
                kernels.Multiply(layer.Gradients, layer.Stride, 1, transposed, width, gradients + first, stride, null, rows, width, outputs);
        }
    }

    /// <summary>dW = Xᵀ dY and db = Σ dY, straight into the flat gradient where columns need no padding.</summary>
    private void WeightGradients(int index, float* observations, int rows, float* parameterGradients)
    {
        var layer = layers[index];
        var (inputCount, outputCount, offset) = layer.Layout;
        var inputs = index == 0 ? observations : layers[index - 1].Activations;
        var inputStride = index == 0 ? spec.Inputs : layers[index - 1].Stride;
        var isDirect = layer.Stride == outputCount;
        var weights = isDirect ? parameterGradients + offset : layer.PaddedGradients;
        if (layer.IsNarrow)
        {
            kernels.Multiply(layer.Gradients, 1, layer.Stride, inputs, inputStride, weights, layer.InputStride, null, outputCount, layer.InputStride, rows);
            for (var i = 0; i < inputCount; i++)
                for (var column = 0; column < outputCount; column++)
                    parameterGradients[offset + i * outputCount + column] = weights[column * layer.InputStride + i];
        }
        else
        {
            if (index < layers.Length - 1 && inputCount >= WorthListing && HasZeros(spec, layer.Stride))
                kernels.MultiplySparseColumns(inputs, inputStride, layer.Gradients, layer.Stride, weights, layer.Stride, inputCount, layer.Stride, rows, scratch);
            else
                kernels.Multiply(inputs, 1, inputStride, layer.Gradients, layer.Stride, weights, layer.Stride, null, inputCount, layer.Stride, rows);
            if (!isDirect)
                for (var i = 0; i < inputCount; i++)
                    Copy(weights + i * layer.Stride, parameterGradients + offset + i * outputCount, outputCount);
        }
        var bias = isDirect ? parameterGradients + layer.Layout.BiasOffset
            : layer.PaddedGradients + (layer.IsNarrow ? outputCount * layer.InputStride : inputCount * layer.Stride);
        kernels.SumRows(layer.Gradients, layer.Stride, bias, rows, layer.Stride);
        if (!isDirect)
            Copy(bias, parameterGradients + layer.Layout.BiasOffset, outputCount);
    }

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
}
