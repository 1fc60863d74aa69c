using System.Collections.Immutable;
using AkkaRL.Models.Networks;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>The slow obvious network: one row at a time, double precision, back-propagation as in the textbook.</summary>
internal sealed class ReferenceNetwork(NetworkSpec spec, double[] parameters)
{
    private readonly ParameterLayout layout = new(spec);

    /// <summary>Outputs [B, H].</summary>
    public double[] Forward(ReadOnlySpan<float> observations)
    {
        var rows = observations.Length / spec.Inputs;
        var outputs = new List<double>();
        for (var row = 0; row < rows; row++)
        {
            var observation = Row(observations, row, spec.Inputs);
            foreach (var layers in layout.Towers)
                outputs.AddRange(Run(layers, observation).Sums[^1]);
            outputs.AddRange(parameters[layout.ConstantOffset..]);
        }
        return [.. outputs];
    }

    /// <summary>Gradients of Σ outputGradients · outputs with respect to the parameters [P] and the observations [B, O].</summary>
    public (double[] Parameters, double[] Inputs) Backward(ReadOnlySpan<float> observations, ReadOnlySpan<float> outputGradients)
    {
        var rows = observations.Length / spec.Inputs;
        var (ofParameters, ofInputs) = (new double[layout.Count], new double[observations.Length]);
        for (var row = 0; row < rows; row++)
        {
            var observation = Row(observations, row, spec.Inputs);
            var outputGradient = Row(outputGradients, row, spec.Outputs);
            var column = 0;
            foreach (var layers in layout.Towers)
            {
                var (inputs, sums) = Run(layers, observation);
                var gradient = outputGradient[column..(column += layers[^1].Outputs)];
                for (var l = layers.Length - 1; l >= 0; l--)
                {
                    gradient = LayerBackward(layers[l], inputs[l], gradient, ofParameters);
                    if (l > 0)
                        gradient = [.. gradient.Zip(sums[l - 1], (g, x) => g * Slope(x))];
                }
                for (var i = 0; i < spec.Inputs; i++)
                    ofInputs[row * spec.Inputs + i] += gradient[i];
            }
            for (var i = 0; i < spec.Constants; i++)
                ofParameters[layout.ConstantOffset + i] += outputGradient[column + i];
        }
        return (ofParameters, ofInputs);
    }

    /// <summary>Each layer's input x and its sums x W + b; the last sums are the outputs.</summary>
    private (List<double[]> Inputs, List<double[]> Sums) Run(ImmutableArray<LayerLayout> layers, double[] observation)
    {
        var (inputs, sums) = (new List<double[]>(), new List<double[]>());
        foreach (var layer in layers)
        {
            inputs.Add(sums.Count == 0 ? observation : [.. sums[^1].Select(Activate)]);
            var sum = parameters[layer.BiasOffset..layer.End];
            for (var i = 0; i < layer.Inputs; i++)
                for (var j = 0; j < layer.Outputs; j++)
                    sum[j] += inputs[^1][i] * parameters[layer.WeightOffset + i * layer.Outputs + j];
            sums.Add(sum);
        }
        return (inputs, sums);
    }

    /// <summary>Adds the layer's parameter gradients and returns the gradient with respect to its input.</summary>
    private double[] LayerBackward(LayerLayout layer, double[] input, double[] sumGradient, double[] gradients)
    {
        var inputGradient = new double[layer.Inputs];
        for (var j = 0; j < layer.Outputs; j++)
        {
            gradients[layer.BiasOffset + j] += sumGradient[j];
            for (var i = 0; i < layer.Inputs; i++)
            {
                var weight = layer.WeightOffset + i * layer.Outputs + j;
                gradients[weight] += input[i] * sumGradient[j];
                inputGradient[i] += parameters[weight] * sumGradient[j];
            }
        }
        return inputGradient;
    }

    private double Activate(double x) => spec.Activation switch
    {
        Activation.Tanh => Math.Tanh(x),
        Activation.ReLU => Math.Max(x, 0),
        Activation.ELU => x > 0 ? x : Math.Exp(x) - 1,
        Activation.SiLU => x * Sigmoid(x),
        _ => throw new NotSupportedException(),
    };

    private double Slope(double x) => spec.Activation switch
    {
        Activation.Tanh => 1 - Math.Tanh(x) * Math.Tanh(x),
        Activation.ReLU => x > 0 ? 1 : 0,
        Activation.ELU => x > 0 ? 1 : Math.Exp(x),
        Activation.SiLU => Sigmoid(x) * (1 + x * (1 - Sigmoid(x))),
        _ => throw new NotSupportedException(),
    };

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Row(ReadOnlySpan<float> values, int row, int width)
    {
        var result = new double[width];
        for (var i = 0; i < width; i++)
            result[i] = values[row * width + i];
        return result;
    }
}
