using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>Learnt noise on parameters: what it is where, how much, and when.</summary>
public class NoisyParametersTests
{
    private const int Draws = 20_000;

    private static readonly NetworkSpec Spec = new(3, Activation.Tanh,
        [new TowerSpec([4], [new HeadSpec("value", 2, 1)]), new TowerSpec([5, 4], [new HeadSpec("advantage", 3, 1)])]);

    private static readonly ParameterLayout Layout = new(Spec);

    [Fact]
    public void Every_layer_but_a_tower_s_first_is_noisy()
    {
        var noise = new NoisyParameters(Spec);
        noise.Draw(new RandomStream(1));
        foreach (var tower in Layout.Towers)
            for (var i = 0; i < tower.Length; i++)
                Assert.All(noise.Noise[tower[i].WeightOffset..tower[i].End].ToArray(), epsilon => Assert.Equal(i > 0, epsilon != 0));
    }

    [Fact]
    public void The_only_layer_of_a_tower_is_noisy()
    {
        var noise = new NoisyParameters(new NetworkSpec(3, Activation.Tanh, [new TowerSpec([], [new HeadSpec("q", 2, 1)])]));
        noise.Draw(new RandomStream(1));
        Assert.DoesNotContain(0f, noise.Noise.ToArray());
    }

    [Fact]
    public void Convolutions_have_no_noise_and_all_layers_behind_them_have()
    {
        var spec = new NetworkSpec(36, Activation.ReLU, [new TowerSpec([4], [new HeadSpec("q", 2, 1)]) { Convolution = ConvolutionSpec.Of(ConvolutionKind.Small, 1, 6, 6) }]);
        var (noise, layers) = (new NoisyParameters(spec), new ParameterLayout(spec).Towers[0]);
        noise.Draw(new RandomStream(1));
        Assert.Equal(3, layers.Length);
        Assert.All(noise.Noise[..layers[0].End].ToArray(), epsilon => Assert.Equal(0, epsilon));
        Assert.DoesNotContain(0f, noise.Noise[layers[0].End..].ToArray());
    }

    [Fact]
    public void A_weight_s_noise_is_that_of_its_input_times_that_of_its_output()
    {
        var noise = new NoisyParameters(Spec);
        noise.Draw(new RandomStream(1));
        var layer = Layout.Towers[1][1];
        var outputs = noise.Noise[layer.BiasOffset..layer.End];
        for (var i = 0; i < layer.Inputs; i++)
        {
            var row = noise.Noise.Slice(layer.WeightOffset + i * layer.Outputs, layer.Outputs);
            for (var j = 0; j < layer.Outputs; j++)
                Assert.Equal(row[0] / outputs[0], row[j] / outputs[j], 1e-3f);
        }
    }

    [Fact]
    public void Noise_has_mean_0_and_the_paper_s_second_moments()
    {
        // f(x)² = |x|, so a bias has E ε² = E |x| = √(2/π), and a weight, the product of two, 2/π.
        var noise = new NoisyParameters(Spec);
        var random = new RandomStream(7);
        var (sums, squares) = (new double[Layout.Count], new double[Layout.Count]);
        for (var draw = 0; draw < Draws; draw++)
        {
            noise.Draw(random);
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += noise.Noise[i];
                squares[i] += (double)noise.Noise[i] * noise.Noise[i];
            }
        }
        foreach (var layer in Layout.Towers.SelectMany(tower => tower.Skip(1)))
            for (var i = layer.WeightOffset; i < layer.End; i++)
            {
                Assert.Equal(0, sums[i] / Draws, 0.04);
                Assert.Equal(i < layer.BiasOffset ? 2 / Math.PI : Math.Sqrt(2 / Math.PI), squares[i] / Draws, 0.06);
            }
    }

    [Fact]
    public void The_same_seed_draws_the_same_noise_and_each_draw_another()
    {
        var (one, other) = (new NoisyParameters(Spec), new NoisyParameters(Spec));
        var (first, second) = (new RandomStream(3), new RandomStream(3));
        one.Draw(first);
        other.Draw(second);
        Assert.Equal(one.Noise.ToArray(), other.Noise.ToArray());
        other.Draw(second);
        Assert.NotEqual(one.Noise.ToArray(), other.Noise.ToArray());
        one.Draw(first);
        Assert.Equal(one.Noise.ToArray(), other.Noise.ToArray());
    }

    [Fact]
    public void Deviations_start_at_sigma_over_the_root_of_a_layer_s_inputs()
    {
        float[] means = [.. Enumerable.Range(0, Layout.Count).Select(i => (float)i)];
        var parameters = NoisyParameters.Initial(Spec, means, 0.5);
        Assert.Equal(means, parameters[..Layout.Count]);
        var sigma = parameters[Layout.Count..];
        foreach (var tower in Layout.Towers)
            for (var i = 0; i < tower.Length; i++)
                Assert.All(sigma[tower[i].WeightOffset..tower[i].End], s => Assert.Equal(i == 0 ? 0 : 0.5f / MathF.Sqrt(tower[i].Inputs), s));
    }

    [Fact]
    public void Weights_are_means_plus_deviations_times_noise_and_gradients_go_back_the_same_way()
    {
        var noise = new NoisyParameters(Spec);
        float[] parameters = [.. Enumerable.Range(0, 2 * Layout.Count).Select(i => i * 0.01f)], down = [.. Enumerable.Range(0, Layout.Count).Select(i => 1f + i)];
        Assert.Equal(parameters[..Layout.Count], noise.Weights(parameters).ToArray());
        noise.Draw(new RandomStream(1));
        var (weights, gradient) = (noise.Weights(parameters).ToArray(), new float[parameters.Length]);
        noise.Differentiate(down, gradient);
        for (var i = 0; i < Layout.Count; i++)
        {
            Assert.Equal(parameters[i] + parameters[Layout.Count + i] * noise.Noise[i], weights[i], 1e-5f);
            Assert.Equal((down[i], down[i] * noise.Noise[i]), (gradient[i], gradient[Layout.Count + i]));
        }
    }

    [Fact]
    public void Nothing_allocates_once_made()
    {
        var (noise, random, parameters) = (new NoisyParameters(Spec), new RandomStream(1), new float[2 * Layout.Count]);
        void Use()
        {
            noise.Draw(random);
            noise.Differentiate(noise.Weights(parameters), parameters);
        }
        Use();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Use();
        }));
    }
}
