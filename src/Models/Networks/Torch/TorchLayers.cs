using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace AkkaRL.Models.Networks.Torch;

/// <summary>The layers that a <see cref="NetworkSpec"/> describes, tower by tower.</summary>
internal sealed class TorchLayers : ITorchFunction
{
    private readonly NetworkSpec spec;
    private readonly Layer[][] towers;

    private readonly record struct Layer(Tensor Weights, Tensor Biases);

    /// <param name="spec">What the network is.</param>
    /// <param name="layout">Where its parameters live.</param>
    /// <param name="flat">The parameters [P].</param>
    public TorchLayers(NetworkSpec spec, ParameterLayout layout, Tensor flat)
    {
        this.spec = spec;
        towers = [.. layout.Towers.Select(tower => tower.Select(layer => new Layer(
            Leaf(layer.WeightOffset, layer.Inputs, layer.Outputs), Leaf(layer.BiasOffset, layer.Outputs))).ToArray())];
        Leaves = [.. towers.SelectMany(tower => tower).SelectMany(layer => new[] { layer.Weights, layer.Biases })];

        Tensor Leaf(int offset, params long[] shape) => TorchNetwork.Leaf(flat, offset, shape);
    }

    public IReadOnlyList<Tensor> Leaves { get; }

    public Tensor Run(Tensor observations, TimeGrid? time)
    {
        var columns = new List<Tensor>(towers.Length);
        var state = 0;
        foreach (var (tower, layers) in spec.Towers.Zip(towers))
        {
            var next = 0;
            var x = observations;
            if (tower.Convolution is { } convolution)
            {
                x = x.view(-1, convolution.Channels, convolution.Rows, convolution.Columns);
                foreach (var shape in convolution.Layers)
                    x = Activate(Convolve(x, layers[next++], shape));
                x = x.flatten(1);
            }
            for (var hidden = 0; hidden < tower.Hidden.Length; hidden++)
                x = Activate(Map(x, layers[next++]));
            if (tower.RecurrentUnits > 0)
                x = Remember(x, layers[next++], tower.RecurrentUnits, time!, time!.States.narrow(1, state, tower.StateSize));
            columns.Add(Map(x, layers[next]));
            state += tower.StateSize;
        }
        return columns.Count == 1 ? columns[0] : cat(columns, 1);
    }

    public void Dispose()
    {
        foreach (var leaf in Leaves)
            leaf.Dispose();
    }

    private static Tensor Map(Tensor x, Layer layer) => addmm(layer.Biases, x, layer.Weights, 1, 1);

    private static Tensor Convolve(Tensor x, Layer layer, ConvolutionLayer shape) =>
        conv2d(x, layer.Weights.t().reshape(shape.Filters, -1, shape.Kernel, shape.Kernel), layer.Biases, strides: [shape.Stride, shape.Stride]);

    /// <summary>
    /// LSTM: i, f, o = σ(W [x; h] + b), g = tanh(W [x; h] + b); c ← f ⊙ c + i ⊙ g; h ← o ⊙ tanh c.
    /// </summary>
    /// <remarks>Source: F. Gers, J. Schmidhuber, F. Cummins, "Learning to Forget: Continual Prediction with LSTM" (2000).</remarks>
    /// <param name="x">What is below, row by row [B, X].</param>
    /// <param name="cell">W [X + U, 4 U] and b, gates in the order i, f, o, g.</param>
    /// <param name="units">U.</param>
    /// <param name="time">How the rows follow each other.</param>
    /// <param name="state">h, then c, before the first step [N, 2 U].</param>
    /// <returns>h after each row's step [B, U].</returns>
    private static Tensor Remember(Tensor x, Layer cell, int units, TimeGrid time, Tensor state)
    {
        var below = cell.Weights.shape[0] - units;
        var fromBelow = time.ToGrid(addmm(cell.Biases, x, cell.Weights.narrow(0, 0, below), 1, 1)); // of all steps at once
        var recurrent = cell.Weights.narrow(0, below, units);
        var (h, c) = (state.narrow(1, 0, units), state.narrow(1, units, units));
        var outputs = new Tensor[time.Steps];
        for (var step = 0; step < time.Steps; step++)
        {
            if (time.Keep(step) is { } keep)
                (h, c) = (h * keep, c * keep);
            var gates = addmm(fromBelow.select(0, step), h, recurrent, 1, 1);
            var open = gates.narrow(1, 0, 3 * units).sigmoid();
            var candidate = gates.narrow(1, 3 * units, units).tanh();
            c = open.narrow(1, units, units) * c + open.narrow(1, 0, units) * candidate;
            h = open.narrow(1, 2 * units, units) * c.tanh();
            outputs[step] = h;
        }
        time.Finish(h, c);
        return time.ToRows(stack(outputs, 0));
    }

    private Tensor Activate(Tensor x) => spec.Activation switch
    {
        Activation.Tanh => x.tanh(),
        Activation.ReLU => x.relu(),
        Activation.ELU => x.elu(1.0),
        Activation.SiLU => x.silu(),
        var unknown => throw new NotSupportedException($"Activation {unknown} is not implemented."),
    };
}
