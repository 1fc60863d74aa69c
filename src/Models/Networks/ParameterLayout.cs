using System.Collections.Immutable;

namespace AkkaRL.Models.Networks;

/// <summary>Where one dense layer lives in the flat parameter vector: weights [inputs, outputs] row by row, then the biases [outputs].</summary>
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
/// <remarks>Order: tower by tower, layer by layer from the input, weights then biases; the constants last.</remarks>
public sealed class ParameterLayout
{
    /// <summary>The layout of <paramref name="spec"/>.</summary>
    /// <exception cref="ArgumentException">The specification has no outputs, or a size below one.</exception>
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
            foreach (var outputs in tower.Hidden.Append(tower.Outputs))
            {
                var layer = new LayerLayout(inputs, outputs, offset);
                layers.Add(layer);
                (inputs, offset) = (outputs, layer.End);
            }
            towers.Add(layers.ToImmutable());
        }
        Towers = towers.ToImmutable();
        ConstantOffset = offset;
        Count = offset + spec.Constants;
    }

    /// <summary>The layers of each tower, input side first.</summary>
    public ImmutableArray<ImmutableArray<LayerLayout>> Towers { get; }

    /// <summary>Index of the first constant.</summary>
    public int ConstantOffset { get; }

    /// <summary>P, the number of parameters.</summary>
    public int Count { get; }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
