using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>Networks that read images, against <see cref="NaiveNetwork"/>.</summary>
public class ConvolutionTests
{
    [Theory]
    [InlineData(ConvolutionKind.Small, RecurrentKind.None, true, 3, 10, 10)]
    [InlineData(ConvolutionKind.Small, RecurrentKind.None, false, 2, 7, 5)]
    [InlineData(ConvolutionKind.Small, RecurrentKind.LSTM, true, 2, 6, 6)]
    [InlineData(ConvolutionKind.Nature, RecurrentKind.None, true, 1, 44, 36)]
    public void Outputs_and_gradients_are_those_of_the_definition(ConvolutionKind convolution, RecurrentKind recurrent, bool shared, int channels, int rows, int columns)
    {
        const int Batch = 3;
        var spec = NetworkSpec.ActorCritic(channels * rows * columns, 2, 1, [6], Activation.ReLU, shared)
            .With(new NetworkSettings { Convolution = convolution, Recurrent = recurrent, RecurrentUnits = 4 }, [channels, rows, columns]);
        var random = new RandomStream(5);
        float[] Normal(int count, double deviation = 1) => [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * random.NextNormal()))];
        var layout = new ParameterLayout(spec);
        var parameters = new float[layout.Count];
        NetworkInitializer.Initialize(spec, random, parameters);
        foreach (ref var parameter in parameters.AsSpan())
            parameter += 0.02f * (float)random.NextNormal(); // biases and constants too
        var (observations, outputGradients, states) = (Normal(Batch * spec.Inputs), Normal(Batch * spec.Outputs), Normal(spec.StateSize));
        bool[] begins = [false, false, true];

        using var network = new TorchNetwork(spec, Batch);
        network.Load(parameters);
        var outputs = network.Forward(observations, new Sequences([Batch], states, begins)).ToArray();
        var (gradient, inputGradient) = (new float[layout.Count], new float[observations.Length]);
        network.Backward(outputGradients, gradient, inputGradient);

        using var scope = NewDisposeScope();
        var theta = tensor(parameters).to(float64).requires_grad_();
        var images = tensor(observations).to(float64).view(Batch, -1).requires_grad_();
        var expected = new NaiveNetwork(spec, theta).Run(images, [Batch], tensor(states).to(float64).view(1, -1), begins);
        (expected * tensor(outputGradients).to(float64).view(Batch, -1)).sum().backward();
        AssertClose(expected.detach(), outputs);
        AssertClose(theta.grad!, gradient);
        AssertClose(images.grad!, inputGradient);
    }

    [Fact]
    public void The_Nature_network_has_the_sizes_of_its_paper()
    {
        var spec = new NetworkSpec(4 * 84 * 84, Activation.ReLU, [new TowerSpec([512], [new HeadSpec("q", 18, 1)])])
            .With(new NetworkSettings { Convolution = ConvolutionKind.Nature }, [4, 84, 84]);
        var layers = new ParameterLayout(spec).Towers[0];
        Assert.Equal(
            [(4 * 8 * 8, 32), (32 * 4 * 4, 64), (64 * 3 * 3, 64), (7 * 7 * 64, 512), (512, 18)],
            layers.Select(layer => (layer.Inputs, layer.Outputs)));
        using var network = new TorchNetwork(spec, 2);
        Assert.Equal(2 * 18, network.Forward(new float[2 * spec.Inputs]).Length);
    }

    [Fact]
    public void An_image_too_small_for_a_window_is_refused()
    {
        var thrown = Assert.Throws<ArgumentException>(() => ConvolutionSpec.Of(ConvolutionKind.Nature, 3, 10, 10)!.Outputs);
        Assert.Contains("a window of 4 x 4 does not fit what the layers before it leave of an image of 3 x 10 x 10, 1 x 1", thrown.Message, StringComparison.Ordinal);
    }

    private static void AssertClose(Tensor expected, float[] actual)
    {
        var wanted = expected.contiguous().data<double>().ToArray();
        Assert.Equal(wanted.Length, actual.Length);
        var scale = Math.Max(1, wanted.Max(Math.Abs));
        for (var i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - actual[i]) <= 1e-5 * scale, $"element {i} is {actual[i]}, expected {wanted[i]}");
    }
}
