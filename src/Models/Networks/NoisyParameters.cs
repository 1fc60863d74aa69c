using System.Numerics.Tensors;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Networks;

/// <summary>
/// Factorised Gaussian noise on a network's parameters: w = μ + σ ⊙ ε, where μ and σ are learnt and ε is drawn anew now and then. Any engine
/// computes the network of w, of which it sees nothing else; the gradient goes back as ∂μ = ∂w, ∂σ = ∂w ⊙ ε.
/// </summary>
/// <remarks>
/// <para>Source: M. Fortunato et al., "Noisy Networks for Exploration" (2018), section 3: ε_ij = f(x_i) f(y_j) of the weight from input i to output j,
/// ε_j = f(y_j) of the bias, with x, y standard normal and f(x) = sgn(x) √|x|; eqs. 10 and 11.</para>
/// <para>Differences from the paper: μ starts as the parameters of the same network without noise (<see cref="NetworkInitializer"/>). A tower
/// without convolutions has none on the first of its several layers, which stands where the paper's networks have theirs.</para>
/// <para>The vector that is learnt, [μ, σ] of 2 P floats, has a σ for every parameter; those without noise stay at zero. Nothing allocates once made.</para>
/// </remarks>
public sealed class NoisyParameters
{
    private readonly LayerLayout[] layers;
    private readonly float[] noise;
    private readonly float[] weights;
    private readonly float[] outputNoise;

    /// <summary>Noise of zero.</summary>
    public NoisyParameters(NetworkSpec spec)
    {
        layers = NoisyLayers(spec);
        noise = new float[new ParameterLayout(spec).Count];
        weights = new float[noise.Length];
        outputNoise = new float[layers.Max(layer => layer.Outputs)];
    }

    /// <summary>ε [P].</summary>
    public ReadOnlySpan<float> Noise => noise;

    /// <summary>Draws ε anew: layer by layer, a number an input, then a number an output.</summary>
    public void Draw(RandomStream random)
    {
        foreach (var layer in layers)
        {
            var outputs = outputNoise.AsSpan(0, layer.Outputs);
            // An input's number is put in its row's first place until the outputs' are known.
            for (var i = 0; i < layer.Inputs; i++)
                noise[layer.WeightOffset + i * layer.Outputs] = Scale(random.NextNormal());
            foreach (ref var output in outputs)
                output = Scale(random.NextNormal());
            for (var i = 0; i < layer.Inputs; i++)
            {
                var row = noise.AsSpan(layer.WeightOffset + i * layer.Outputs, layer.Outputs);
                TensorPrimitives.Multiply(outputs, row[0], row);
            }
            outputs.CopyTo(noise.AsSpan(layer.BiasOffset));
        }
    }

    /// <summary>w = μ + σ ⊙ ε [P], valid until the next call.</summary>
    /// <param name="parameters">[μ, σ], 2 P floats.</param>
    public ReadOnlySpan<float> Weights(ReadOnlySpan<float> parameters)
    {
        TensorPrimitives.MultiplyAdd(parameters[noise.Length..], noise, parameters[..noise.Length], weights);
        return weights;
    }

    /// <summary>Writes [∂μ, ∂σ], 2 P floats, given ∂w [P].</summary>
    public void Differentiate(ReadOnlySpan<float> weightGradient, Span<float> gradient)
    {
        weightGradient.CopyTo(gradient);
        TensorPrimitives.Multiply(weightGradient, noise, gradient[noise.Length..]);
    }

    /// <summary>[μ, σ] at the start, given μ [P]: σ = σ₀ / √p, p the inputs of its layer.</summary>
    public static float[] Initial(NetworkSpec spec, ReadOnlySpan<float> means, double sigma)
    {
        float[] parameters = [.. means, .. new float[means.Length]];
        foreach (var layer in NoisyLayers(spec))
            parameters.AsSpan(means.Length)[layer.WeightOffset..layer.End].Fill((float)(sigma / Math.Sqrt(layer.Inputs)));
        return parameters;
    }

    private static LayerLayout[] NoisyLayers(NetworkSpec spec) =>
        [.. new ParameterLayout(spec).Towers.Zip(spec.Towers, (layers, tower) => layers.Skip(tower.Convolution?.Layers.Length ?? Math.Min(1, layers.Length - 1))).SelectMany(layers => layers)];

    private static float Scale(double x) => (float)(Math.Sign(x) * Math.Sqrt(Math.Abs(x)));
}
