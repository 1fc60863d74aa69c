using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Networks;

/// <summary>Draws the parameters a network starts with: orthogonal weights, biases of zero, but of 1 for an LSTM's forget gates.</summary>
/// <remarks>
/// Sources: A. Saxe, J. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks"
/// (2014); gains as in S. Huang et al., "The 37 Implementation Details of Proximal Policy Optimization" (2022), detail 2 and the LSTM's
/// detail 1; forget gates as in R. Jozefowicz et al., "An Empirical Exploration of Recurrent Network Architectures" (2015).
/// </remarks>
public static class NetworkInitializer
{
    /// <summary>The gain of every hidden layer, whatever its nonlinearity: √2.</summary>
    public const float HiddenGain = 1.4142135f;

    /// <summary>
    /// Writes initial parameters [P]. A hidden layer's weights W satisfy WᵀW = 2·I (WWᵀ = 2·I when it widens); each head's columns are a
    /// matrix of their own with the head's gain, so that a policy's 0.01 and a value's 1 share a tower. Constants start at
    /// <see cref="NetworkSpec.InitialConstant"/>.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="parameters"/> is not P long.</exception>
    public static void Initialize(NetworkSpec spec, RandomStream random, Span<float> parameters)
    {
        var layout = new ParameterLayout(spec);
        if (parameters.Length != layout.Count)
            throw new ArgumentException($"Expected {layout.Count} parameters, not {parameters.Length}.", nameof(parameters));
        parameters.Clear();
        parameters[layout.ConstantOffset..].Fill(spec.InitialConstant);
        foreach (var (tower, layers) in spec.Towers.Zip(layout.Towers))
        {
            var isRecurrent = tower.RecurrentUnits > 0;
            foreach (var hidden in layers.AsSpan()[..(isRecurrent ? ^2 : ^1)])
                WriteOrthogonal(parameters, hidden, 0, hidden.Outputs, HiddenGain, random);
            if (isRecurrent)
                WriteCell(parameters, layers[^2], tower.RecurrentUnits, random);
            var column = 0;
            foreach (var head in tower.Heads)
            {
                WriteOrthogonal(parameters, layers[^1], column, head.Size, head.Gain, random);
                column += head.Size;
            }
        }
    }

    /// <summary>The weights on the layer below and those on the LSTM's own h are a matrix each, with a gain of 1.</summary>
    private static void WriteCell(Span<float> parameters, LayerLayout cell, int units, RandomStream random)
    {
        var below = cell.Inputs - units;
        WriteOrthogonal(parameters, new LayerLayout(below, cell.Outputs, cell.WeightOffset), 0, cell.Outputs, 1, random);
        WriteOrthogonal(parameters, new LayerLayout(units, cell.Outputs, cell.WeightOffset + below * cell.Outputs), 0, cell.Outputs, 1, random);
        parameters.Slice(cell.BiasOffset + units, units).Fill(1);
    }

    /// <summary>Fills columns first .. first + count - 1 of a layer's weights.</summary>
    private static void WriteOrthogonal(Span<float> parameters, LayerLayout layer, int first, int count, float gain, RandomStream random)
    {
        var narrows = layer.Inputs >= count;
        var basis = OrthonormalVectors(Math.Min(layer.Inputs, count), Math.Max(layer.Inputs, count), random);
        for (var row = 0; row < layer.Inputs; row++)
        {
            var weights = parameters.Slice(layer.WeightOffset + row * layer.Outputs + first, count);
            for (var column = 0; column < count; column++)
                weights[column] = (float)(gain * (narrows ? basis[column][row] : basis[row][column]));
        }
    }

    /// <summary>Gram and Schmidt's method on Gaussian vectors, which makes every orientation equally likely.</summary>
    private static double[][] OrthonormalVectors(int count, int length, RandomStream random)
    {
        var vectors = new double[count][];
        for (var i = 0; i < count; i++)
        {
            var vector = vectors[i] = new double[length];
            foreach (ref var element in vector.AsSpan())
                element = random.NextNormal();
            // Twice, because once loses orthogonality to rounding when the remainder is small.
            for (var pass = 0; pass < 2; pass++)
                foreach (var earlier in vectors.AsSpan(0, i))
                    Add(vector, earlier, -Dot(vector, earlier));
            var norm = Math.Sqrt(Dot(vector, vector));
            foreach (ref var element in vector.AsSpan())
                element /= norm;
        }
        return vectors;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => System.Numerics.Tensors.TensorPrimitives.Dot(a, b);

    private static void Add(Span<double> a, ReadOnlySpan<double> b, double factor) =>
        System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(b, factor, a, a);
}
