using System.Collections.Immutable;

namespace AkkaRL.Models.Networks;

/// <summary>Where one layer lives in the flat parameter vector: weights [inputs, outputs] row by row, then the biases [outputs].</summary>
/// <remarks>
/// Every layer is such a matrix. A convolution's inputs are those of one window, [channels, rows, columns], its outputs the filters.
/// An LSTM of U units maps the layer below and its own h, one after the other, to 4 U gates: input, forget, output, candidate.
/// </remarks>
/// <param name="Inputs">Rows of the weight matrix.</param>
/// <param name="Outputs">Columns of the weight matrix.</param>
/// <param name="WeightOffset">Index of the first weight.</param>
public readonly record struct LayerLayout(int Inputs, int Outputs, int WeightOffset)
{
    /// <summary>Index of the first bias.</summary>
    public int BiasOffset => WeightOffset + Inputs * Outputs;

    /// <summary>Index after the last bias.</summary>
    public int End => BiasOffset + Outputs;
}

/// <summary>Where each parameter of a network lives in its one flat float vector. Both engines, snapshots and the wire share it.</summary>
/// <remarks>
/// Order: tower by tower, layer by layer from the input (convolutions, hidden layers, LSTM, heads), weights then biases; the constants last.
/// A module of the user's own has its parameters in its own order instead, then the constants.
/// </remarks>
public sealed class ParameterLayout
{
    /// <summary>The most parameters of a network: 400 MB, which learner, optimizer and every worker hold some times over.</summary>
    public const int MaximumCount = 100_000_000;

    /// <summary>The layout of <paramref name="spec"/>.</summary>
    /// <exception cref="ArgumentException">The specification has no outputs, a size below one, or more than <see cref="MaximumCount"/> parameters.</exception>
    public ParameterLayout(NetworkSpec spec)
    {
        Require(spec.Inputs >= 1, $"A network needs at least 1 input, not {spec.Inputs}.");
        Require(spec.Outputs >= 1, "A network needs at least 1 output: give it a tower with a head.");
        Require(spec.Constants >= 0, $"Constants must be 0 or more, not {spec.Constants}.");
        var offset = 0;
        var towers = ImmutableArray.CreateBuilder<ImmutableArray<LayerLayout>>();
        foreach (var tower in spec.Towers)
        {
            Require(tower.Hidden.All(width => width >= 1), "Every hidden layer needs at least 1 unit.");
            Require(tower.Heads.Length >= 1 && tower.Heads.All(head => head.Size >= 1), "Every tower needs a head, and every head at least 1 column.");
            var layers = ImmutableArray.CreateBuilder<LayerLayout>();
            var inputs = spec.Inputs;
            if (tower.Convolution is { } convolution)
            {
                Require(convolution.Inputs == inputs, $"The convolution reads images of {convolution.Inputs} floats, but the network has {inputs} inputs.");
                var channels = convolution.Channels;
                foreach (var layer in convolution.Layers)
                {
                    Add(channels * layer.Kernel * layer.Kernel, layer.Filters);
                    channels = layer.Filters;
                }
                inputs = convolution.Outputs;
            }
            foreach (var width in tower.Hidden)
            {
                Add(inputs, width);
                inputs = width;
            }
            if (tower.RecurrentUnits > 0)
            {
                Add(inputs + tower.RecurrentUnits, 4 * tower.RecurrentUnits);
                inputs = tower.RecurrentUnits;
            }
            Add(inputs, tower.Outputs);
            towers.Add(layers.ToImmutable());

            void Add(int layerInputs, int layerOutputs)
            {
                Require(offset + (layerInputs + 1L) * layerOutputs <= MaximumCount,
                    $"A network has at most {MaximumCount} parameters; a layer of {layerInputs} inputs and {layerOutputs} outputs alone takes {(layerInputs + 1L) * layerOutputs}. Make layers narrower or fewer.");
                layers.Add(new LayerLayout(layerInputs, layerOutputs, offset));
                offset = layers[^1].End;
            }
        }
        Towers = towers.ToImmutable();
        ConstantOffset = offset;
        Count = offset + spec.Constants;
        Tensors = [.. TensorsOf(Towers), .. Constants(offset, spec.Constants)];
    }

    /// <summary>The layout of tensors of these names and shapes (row-major), in this order, and then of the constants.</summary>
    public ParameterLayout(IEnumerable<(string Name, int[] Shape)> tensors, int constants)
    {
        var placed = ImmutableArray.CreateBuilder<(string Name, int[] Shape, int Offset)>();
        foreach (var (name, shape) in tensors)
        {
            placed.Add((name, shape, ConstantOffset));
            ConstantOffset += shape.Aggregate(1, (a, b) => checked(a * b));
        }
        Count = ConstantOffset + constants;
        Tensors = [.. placed, .. Constants(ConstantOffset, constants)];
    }

    /// <summary>Name, shape (row-major) and offset of each tensor, in order, without gaps.</summary>
    public ImmutableArray<(string Name, int[] Shape, int Offset)> Tensors { get; }

    /// <summary>The layers of each tower, input side first; none for a module of the user's own.</summary>
    public ImmutableArray<ImmutableArray<LayerLayout>> Towers { get; } = [];

    /// <summary>Index of the first constant.</summary>
    public int ConstantOffset { get; }

    /// <summary>P, the number of parameters.</summary>
    public int Count { get; }

    private static IEnumerable<(string Name, int[] Shape, int Offset)> TensorsOf(ImmutableArray<ImmutableArray<LayerLayout>> towers)
    {
        for (var tower = 0; tower < towers.Length; tower++)
            for (var layer = 0; layer < towers[tower].Length; layer++)
            {
                var layout = towers[tower][layer];
                yield return ($"towers.{tower}.{layer}.weight", [layout.Inputs, layout.Outputs], layout.WeightOffset);
                yield return ($"towers.{tower}.{layer}.bias", [layout.Outputs], layout.BiasOffset);
            }
    }

    private static (string Name, int[] Shape, int Offset)[] Constants(int offset, int count) => count > 0 ? [("constants", [count], offset)] : [];

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
