using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Fused;

/// <summary>
/// The fused engine equals TorchSharp's whatever the sizes: widths, depths, inputs and rows on both sides of every tile's edge.
/// </summary>
public class FusedAgainstTorchTests
{
    private static readonly int[] Widths = [1, 3, 5, 17, 63, 64, 65, 130];
    private static readonly int[] Rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 20];

    private static readonly Kernels[] AllKernels =
        [new Kernels<Vector512<float>, Lanes512>(), new Kernels<Vector256<float>, Lanes256>(), new Kernels<Vector128<float>, Lanes128>()];

    [Theory]
    [InlineData(Activation.Tanh, true)]
    [InlineData(Activation.Tanh, false)]
    [InlineData(Activation.ReLU, true)]
    [InlineData(Activation.ReLU, false)]
    [InlineData(Activation.ELU, true)]
    [InlineData(Activation.ELU, false)]
    [InlineData(Activation.SiLU, true)]
    [InlineData(Activation.SiLU, false)]
    public void Outputs_and_gradients_equal_TorchSharp_for_every_size(Activation activation, bool sharedTrunk)
    {
        var inputs = 0;
        foreach (var width in Widths)
            for (var depth = 0; depth <= 3; depth++)
            {
                // Inputs from 1 to 9 and outputs from 2 to 7 in turn: each size meets several of them.
                inputs = inputs % 9 + 1;
                var hidden = Enumerable.Repeat(width, depth).ToImmutableArray();
                foreach (var rows in Rows)
                    Compare(NetworkSpec.ActorCritic(inputs, 1 + inputs % 4, rows % 3, hidden, activation, sharedTrunk), rows);
            }
    }

    [Fact]
    public void Layers_beyond_the_first_level_cache_equal_TorchSharp()
    {
        Compare(NetworkSpec.ActorCritic(24, 4, 4, [400, 300], Activation.ReLU, sharedTrunk: true), 64);
        Compare(NetworkSpec.ActorCritic(39, 4, 0, [512, 256], Activation.Tanh, sharedTrunk: false), 37);
    }

    private static void Compare(NetworkSpec spec, int rows)
    {
        var random = new RandomStream(5);
        var parameters = new float[new ParameterLayout(spec).Count];
        NetworkInitializer.Initialize(spec, random, parameters);
        foreach (ref var parameter in parameters.AsSpan())
            parameter += 0.05f * (float)random.NextNormal();
        var (observations, outputGradients) = (Normal(rows * spec.Inputs, random), Normal(rows * spec.Outputs, random));
        using var torch = new TorchNetwork(spec, rows);
        var expected = Run(torch, oneByOne: false);
        foreach (var kernels in AllKernels)
            foreach (var oneByOne in new[] { false, true })
            {
                using var fused = new FusedNetwork(spec, rows, kernels);
                var actual = Run(fused, oneByOne);
                var what = $"{spec.Activation}, {spec.Inputs} inputs, hidden [{string.Join(", ", spec.Towers[0].Hidden)}], "
                    + $"{spec.Towers.Length} towers, "
                    + $"{spec.Constants} constants, {rows} rows{(oneByOne ? " one by one" : "")}, {kernels.Lanes} lanes";
                AssertClose(expected.Outputs, actual.Outputs, $"outputs: {what}");
                AssertClose(expected.Parameters, actual.Parameters, $"parameter gradients: {what}");
                AssertClose(expected.Inputs, actual.Inputs, $"input gradients: {what}");
            }

        (float[] Outputs, float[] Parameters, float[] Inputs) Run(INetwork network, bool oneByOne)
        {
            network.Load(parameters);
            var outputs = oneByOne
                ? Enumerable.Range(0, rows)
                    .SelectMany(row => network.Forward(observations.AsSpan(row * spec.Inputs, spec.Inputs), row).ToArray()).ToArray()
                : network.Forward(observations).ToArray();
            var (gradient, inputGradients) = (new float[parameters.Length], new float[observations.Length]);
            network.Backward(outputGradients, gradient, inputGradients);
            return (outputs, gradient, inputGradients);
        }
    }

    private static float[] Normal(int count, RandomStream random) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];

    /// <summary>Within 1e-5, as a part of the largest value where that is above one.</summary>
    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = Math.Max(1, expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++)
            if (!(Math.Abs(expected[i] - actual[i]) <= 1e-5 * scale))
                Assert.Fail($"{what}: element {i} is {actual[i]}, expected {expected[i]}.");
    }
}
