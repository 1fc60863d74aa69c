using AkkaRL.Models.Networks;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>
/// Convolutions and LSTMs as their papers write them, row after row in double precision, of a flat parameter tensor that automatic
/// differentiation goes through. Slow and obvious; shares no code with the engine.
/// </summary>
internal sealed class NaiveNetwork(NetworkSpec spec, Tensor theta)
{
    private readonly ParameterLayout layout = new(spec);

    /// <summary>Outputs of one row [H], and what the network remembers after it [S].</summary>
    public (Tensor Outputs, Tensor State) Step(Tensor observation, Tensor state)
    {
        var (columns, states) = (new List<Tensor>(), new List<Tensor>());
        var offset = 0;
        foreach (var (tower, layers) in spec.Towers.Zip(layout.Towers))
        {
            var (x, next) = (observation, 0);
            if (tower.Convolution is { } convolution)
                x = Convolve(x, convolution, layers, ref next);
            foreach (var _ in tower.Hidden)
                x = Activate(Map(x, layers[next++]));
            if (tower.RecurrentUnits is > 0 and var units)
            {
                var (h, c) = (state.narrow(0, offset, units), state.narrow(0, offset + units, units));
                var gates = Map(cat([x, h]), layers[next++]);
                Tensor Gate(int index) => gates.narrow(0, index * units, units);
                c = Sigmoid(Gate(1)) * c + Sigmoid(Gate(0)) * Gate(3).tanh();
                x = Sigmoid(Gate(2)) * c.tanh();
                states.AddRange([x, c]);
                offset += 2 * units;
            }
            columns.Add(Map(x, layers[next]));
        }
        if (spec.Constants > 0)
            columns.Add(theta.narrow(0, layout.ConstantOffset, spec.Constants));
        return (cat(columns), states.Count == 0 ? state : cat(states));
    }

    /// <summary>Outputs of whole sequences [B, H], each from its own state, with a state of zero where an episode begins.</summary>
    public Tensor Run(Tensor observations, int[] lengths, Tensor initialStates, bool[] begins)
    {
        var outputs = new List<Tensor>();
        for (var (sequence, row) = (0, 0); sequence < lengths.Length; sequence++)
        {
            var state = initialStates.select(0, sequence);
            for (var step = 0; step < lengths[sequence]; step++, row++)
            {
                (var output, state) = Step(observations.select(0, row), begins[row] ? zeros_like(state) : state);
                outputs.Add(output);
            }
        }
        return stack(outputs);
    }

    /// <summary>Every output is a sum over its window, as the definition has it.</summary>
    private Tensor Convolve(Tensor image, ConvolutionSpec convolution, IReadOnlyList<LayerLayout> layers, ref int next)
    {
        var x = image.view(convolution.Channels, convolution.Rows, convolution.Columns);
        foreach (var (filters, kernel, stride) in convolution.Layers)
        {
            var layer = layers[next++];
            var (rows, columns) = (((int)x.shape[1] - kernel) / stride + 1, ((int)x.shape[2] - kernel) / stride + 1);
            var places = new List<Tensor>();
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    places.Add(Map(x.narrow(1, row * stride, kernel).narrow(2, column * stride, kernel).flatten(), layer));
            x = Activate(stack(places, 1)).view(filters, rows, columns);
        }
        return x.flatten();
    }

    private Tensor Map(Tensor x, LayerLayout layer) =>
        x.matmul(theta.narrow(0, layer.WeightOffset, layer.Inputs * layer.Outputs).view(layer.Inputs, layer.Outputs)) + theta.narrow(0, layer.BiasOffset, layer.Outputs);

    private Tensor Activate(Tensor x) => spec.Activation == Activation.Tanh ? x.tanh() : x.clamp_min(0);

    private static Tensor Sigmoid(Tensor x) => 1 / (1 + (-x).exp());
}
