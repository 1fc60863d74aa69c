using System.Collections.Immutable;

namespace AkkaRL.Models.Networks;

/// <summary>
/// A part of a network that is a network itself: some units of a tower's last hidden layer, with what they see and what the heads make of
/// them. The outputs of a tower are the sum of its slices'.
/// </summary>
/// <remarks>
/// Layers below the last hidden one are every slice's, with the same parameters: in the usual network of two hidden layers they are few. The heads' biases are the first
/// slice's; the others' stay zero.
/// </remarks>
/// <param name="Spec">The slice as a network.</param>
/// <param name="FirstColumn">The place of its first output among the whole network's.</param>
/// <param name="IsFirst">Whether it is the first of its tower.</param>
/// <param name="Tied">How many of its parameters, from the first, all slices of the tower have.</param>
/// <param name="Vacant">Where its parameters are that stay zero.</param>
/// <param name="Blocks">Where each of the others is in the flat vector of the whole network.</param>
public sealed record NetworkSlice(NetworkSpec Spec, int FirstColumn, bool IsFirst, int Tied, Range Vacant, ImmutableArray<NetworkSlice.Block> Blocks)
{
    /// <summary>Units between slices are whole cache lines.</summary>
    private const int UnitsOfALine = 16;

    /// <summary>Rows of a matrix, one after the other in the slice and <paramref name="Stride"/> floats apart in the whole vector.</summary>
    public readonly record struct Block(int Own, int Whole, int Rows, int Width, int Stride);

    /// <summary>Shares a network of dense layers out.</summary>
    /// <param name="spec">The whole.</param>
    /// <param name="slices">How many slices there should be; each tower has at least one.</param>
    public static ImmutableArray<NetworkSlice> Share(NetworkSpec spec, int slices)
    {
        var made = ImmutableArray.CreateBuilder<NetworkSlice>();
        var whole = new ParameterLayout(spec);
        var column = 0;
        for (var tower = 0; tower < spec.Towers.Length; tower++)
        {
            var hidden = spec.Towers[tower].Hidden;
            var units = hidden.IsEmpty ? 0 : hidden[^1];
            var count = Math.Clamp(slices / spec.Towers.Length, 1, Math.Max(1, units / (2 * UnitsOfALine)));
            for (var slice = 0; slice < count; slice++)
                made.Add(Of(spec, whole, tower, column, Boundary(slice), Boundary(slice + 1), isFirst: slice == 0, isLast: slice == count - 1));
            column += spec.Towers[tower].Outputs;

            int Boundary(int slice) => slice == count ? units : units * slice / count / UnitsOfALine * UnitsOfALine;
        }
        return made.ToImmutable();
    }

    /// <summary>A network that is not shared out.</summary>
    public static NetworkSlice Whole(INetwork network) => new(network.Spec, 0, IsFirst: true, Tied: 0, Vacant: default, [new Block(0, 0, 1, network.Layout.Count, 0)]);

    /// <summary>Copies its parameters out of the whole vector.</summary>
    public void Take(ReadOnlySpan<float> whole, Span<float> own)
    {
        foreach (var block in Blocks)
            for (var row = 0; row < block.Rows; row++)
                whole.Slice(block.Whole + row * block.Stride, block.Width).CopyTo(own[(block.Own + row * block.Width)..]);
    }

    /// <summary>Copies its parameters, or what belongs to each, into the whole vector; tied ones only the first slice.</summary>
    public void Give(ReadOnlySpan<float> own, Span<float> whole)
    {
        foreach (var block in Blocks)
            for (var row = block.Own < Tied && !IsFirst ? block.Rows : 0; row < block.Rows; row++)
                own.Slice(block.Own + row * block.Width, block.Width).CopyTo(whole[(block.Whole + row * block.Stride)..]);
    }

    private static NetworkSlice Of(NetworkSpec spec, ParameterLayout whole, int tower, int column, int first, int end, bool isFirst, bool isLast)
    {
        var (hidden, isWhole) = (spec.Towers[tower].Hidden, isFirst && isLast);
        var slice = spec with
        {
            Towers = [spec.Towers[tower] with { Hidden = hidden.IsEmpty ? [] : hidden.SetItem(hidden.Length - 1, end - first) }],
            Constants = isLast && tower == spec.Towers.Length - 1 ? spec.Constants : 0,
        };
        var own = new ParameterLayout(slice);
        var (ownLayers, wholeLayers) = (own.Towers[0], whole.Towers[tower]);
        var blocks = ImmutableArray.CreateBuilder<Block>();
        var (split, head) = (hidden.Length - 1, hidden.Length);
        for (var layer = 0; layer < split; layer++)
            Add(ownLayers[layer].WeightOffset, wholeLayers[layer].WeightOffset, 1, ownLayers[layer].End - ownLayers[layer].WeightOffset);
        if (split >= 0)
        {
            Add(ownLayers[split].WeightOffset, wholeLayers[split].WeightOffset + first, ownLayers[split].Inputs, end - first, hidden[split]);
            Add(ownLayers[split].BiasOffset, wholeLayers[split].BiasOffset + first, 1, end - first);
        }
        var outputs = ownLayers[head].Outputs;
        Add(ownLayers[head].WeightOffset, wholeLayers[head].WeightOffset + first * outputs, 1, ownLayers[head].Inputs * outputs);
        if (isFirst)
            Add(ownLayers[head].BiasOffset, wholeLayers[head].BiasOffset, 1, outputs);
        if (slice.Constants > 0)
            Add(own.ConstantOffset, whole.ConstantOffset, 1, slice.Constants);
        return new NetworkSlice(
            slice, column, isFirst, isWhole || split < 1 ? 0 : ownLayers[split].WeightOffset,
            isFirst ? default : ownLayers[head].BiasOffset..(ownLayers[head].BiasOffset + outputs), blocks.ToImmutable());

        void Add(int ownStart, int wholeStart, int rows, int width, int stride = 0) => blocks.Add(new Block(ownStart, wholeStart, rows, width, stride));
    }
}
