using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>One tower of a <see cref="FusedNetwork"/>: packed weights, remembered activations, forward and backward pass.</summary>
/// <remarks>
/// Weights are packed with their columns padded to whole vectors, so that no kernel has a tail; padding is zero and stays zero,
/// because every activation function maps zero to zero. Transposed weights are made at the first backward pass after a load.
/// </remarks>
internal sealed unsafe class FusedTower
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    private const int GradientBlockRows = 64;

    private readonly Dense[] layers;
    private readonly NetworkSpec spec;
    private readonly Kernels kernels;
    private readonly float* weightGradients;
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
        weightGradients = memory.Take((int)GradientScratch(layouts, kernels) + rowCapacity * kernels.Padded(spec.Inputs));
    }

    public int Outputs => layers[^1].Layout.Outputs;

    public static long FloatsNeeded(ImmutableArray<LayerLayout> layouts, NetworkSpec spec, int rowCapacity, Kernels kernels) =>
        AlignedMemory.Rounded(GradientScratch(layouts, kernels) + (long)rowCapacity * kernels.Padded(spec.Inputs))
        + layouts.Sum(layout =>
        {
            long stride = kernels.Padded(layout.Outputs);
            return AlignedMemory.Rounded(layout.Inputs * stride) + AlignedMemory.Rounded(stride)
                + AlignedMemory.Rounded(layout.Outputs * (long)kernels.Padded(layout.Inputs))
                + 3 * AlignedMemory.Rounded(rowCapacity * stride);
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

    /// <summary>
    /// Writes the tower's share of the parameter gradient, and adds its share of the input gradients when these are wanted.
    /// </summary>
    [MethodImpl(Hot)]
    public void Backward(
        float* observations, int rows, ReadOnlySpan<float> outputGradients, int gradientStride,
        Span<float> parameterGradients, Span<float> inputGradients)
    {
        Transpose(inputGradients.IsEmpty ? 1 : 0);
        var last = layers[^1];
        for (var i = 0; i < rows; i++)
            for (var column = 0; column < Outputs; column++)
                last.Gradients[i * last.Stride + column] = outputGradients[i * gradientStride + column];
        for (var index = layers.Length - 1; index >= 0; index--)
        {
            var layer = layers[index];
            var inputs = index == 0 ? observations : layers[index - 1].Activations;
            var inputStride = index == 0 ? spec.Inputs : layers[index - 1].Stride;
            if (!parameterGradients.IsEmpty)
                ParameterGradients(layer, inputs, inputStride, rows, parameterGradients);
            if (index > 0)
            {
                var below = layers[index - 1];
                InputGradients(layer, rows, below.Gradients);
                kernels.Differentiate(spec.Activation, below.Activations, below.Preactivations, below.Gradients, rows * below.Stride);
            }
            else if (!inputGradients.IsEmpty)
            {
                var scratch = weightGradients;
                InputGradients(layer, rows, scratch);
                for (var i = 0; i < rows; i++)
                    for (var column = 0; column < spec.Inputs; column++)
                        inputGradients[i * spec.Inputs + column] += scratch[i * layer.InputStride + column];
            }
        }
    }

    /// <summary>dW = Xᵀ dY and db = Σ dY, straight into the flat gradient when the columns need no padding.</summary>
    [MethodImpl(Hot)]
    private void ParameterGradients(Dense layer, float* inputs, int inputStride, int rows, Span<float> parameterGradients)
    {
        var (inputCount, outputCount, offset) = layer.Layout;
        var direct = layer.Stride == outputCount;
        fixed (float* gradient = parameterGradients)
        {
            // A block of rows at a time, so that what has to be copied is copied while the cache still holds it.
            for (var first = 0; first < inputCount; first += GradientBlockRows)
            {
                var count = Math.Min(GradientBlockRows, inputCount - first);
                var weights = direct ? gradient + offset + first * outputCount : weightGradients;
                kernels.Multiply(
                    inputs + first, 1, inputStride, layer.Gradients, layer.Stride, weights, layer.Stride, null, count, layer.Stride, rows);
                if (direct)
                    continue;
                for (var i = 0; i < count; i++)
                    new ReadOnlySpan<float>(weights + i * layer.Stride, outputCount)
                        .CopyTo(parameterGradients[(offset + (first + i) * outputCount)..]);
            }
            var bias = direct ? gradient + layer.Layout.BiasOffset : weightGradients;
            kernels.SumRows(layer.Gradients, layer.Stride, bias, rows, layer.Stride);
            if (!direct)
                new ReadOnlySpan<float>(bias, outputCount).CopyTo(parameterGradients[layer.Layout.BiasOffset..]);
        }
    }

    /// <summary>dX = dY Wᵀ, which with the transposed weights at hand is the forward kernel again.</summary>
    private void InputGradients(Dense layer, int rows, float* gradients) =>
        kernels.Multiply(
            layer.Gradients, layer.Stride, 1, layer.Transposed, layer.InputStride, gradients, layer.InputStride, null,
            rows, layer.InputStride, layer.Layout.Outputs);

    /// <summary>Makes the transposed weights of the layers from <paramref name="first"/> up, once a load.</summary>
    [MethodImpl(Hot)]
    private void Transpose(int first)
    {
        while (transposedFrom > first)
        {
            var layer = layers[--transposedFrom];
            kernels.Transpose(layer.Weights, layer.Stride, layer.Transposed, layer.InputStride, layer.Layout.Inputs, layer.Layout.Outputs);
        }
    }

    private static long GradientScratch(ImmutableArray<LayerLayout> layouts, Kernels kernels) =>
        layouts.Max(layout => (layout.Inputs + 1L) * kernels.Padded(layout.Outputs));
}
