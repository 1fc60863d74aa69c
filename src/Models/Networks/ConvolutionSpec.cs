using System.Collections.Immutable;

namespace AkkaRL.Models.Networks;

/// <summary>Which convolution is in front of the hidden layers.</summary>
public enum ConvolutionKind
{
    /// <summary>None: the observation is a vector.</summary>
    None,

    /// <summary>For images of 84 × 84: 32 filters of 8 × 8, stride 4; 64 of 4 × 4, stride 2; 64 of 3 × 3 (V. Mnih et al. 2015).</summary>
    Nature,

    /// <summary>For grids of about 10 × 10: 16 filters of 3 × 3 (K. Young and T. Tian, "MinAtar", 2019).</summary>
    Small,
}

/// <summary>One convolution without padding, followed by the network's nonlinearity.</summary>
/// <param name="Filters">Channels out.</param>
/// <param name="Kernel">Rows, and columns, of a filter's window.</param>
/// <param name="Stride">Rows, and columns, from one window to the next.</param>
public readonly record struct ConvolutionLayer(int Filters, int Kernel, int Stride);

/// <summary>Convolutions over an image, whose last output is flattened: [filters, rows, columns], last index fastest.</summary>
/// <param name="Channels">C, channels of the image.</param>
/// <param name="Rows">Rows of the image.</param>
/// <param name="Columns">Columns of the image.</param>
/// <param name="Layers">The convolutions, input side first.</param>
public sealed record ConvolutionSpec(int Channels, int Rows, int Columns, ImmutableArray<ConvolutionLayer> Layers)
{
    /// <summary>Floats of one image.</summary>
    public int Inputs => Channels * Rows * Columns;

    /// <summary>Floats of the flattened output.</summary>
    /// <exception cref="ArgumentException">A window is larger than what is left of the image.</exception>
    public int Outputs
    {
        get
        {
            var (channels, rows, columns) = (Channels, Rows, Columns);
            foreach (var layer in Layers)
            {
                if (layer.Kernel > Math.Min(rows, columns))
                    throw new ArgumentException(
                        $"a window of {layer.Kernel} x {layer.Kernel} does not fit what the layers before it leave of an image of {Channels} x {Rows} x {Columns}, {rows} x {columns}");
                (channels, rows, columns) = (layer.Filters, (rows - layer.Kernel) / layer.Stride + 1, (columns - layer.Kernel) / layer.Stride + 1);
            }
            return channels * rows * columns;
        }
    }

    /// <summary>The convolution of this kind over images of this shape; null for none.</summary>
    public static ConvolutionSpec? Of(ConvolutionKind kind, int channels, int rows, int columns) => kind switch
    {
        ConvolutionKind.Nature => new(channels, rows, columns, [new(32, 8, 4), new(64, 4, 2), new(64, 3, 1)]),
        ConvolutionKind.Small => new(channels, rows, columns, [new(16, 3, 1)]),
        _ => null,
    };
}
