using System.Runtime.Intrinsics;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Tests.Networks;

namespace AkkaRL.Models.Tests.Fused;

/// <summary>The fused engine in AVX-512, or in what stands in for it.</summary>
public sealed class FusedNetworkOf512BitsTests() : FusedNetworkTests(new Kernels<Vector512<float>, Lanes512>());

/// <summary>The fused engine in AVX2, or in what stands in for it.</summary>
public sealed class FusedNetworkOf256BitsTests() : FusedNetworkTests(new Kernels<Vector256<float>, Lanes256>());

/// <summary>The fused engine in SSE or Arm's AdvSimd.</summary>
public sealed class FusedNetworkOf128BitsTests() : FusedNetworkTests(new Kernels<Vector128<float>, Lanes128>());

/// <summary>What the fused engine owes beyond what every engine does: no allocation, no silent NaN, no use of freed memory.</summary>
public abstract class FusedNetworkTests : EngineContractTests
{
    private static readonly NetworkSpec Gaussian = NetworkSpec.ActorCritic(5, 2, 2, [17, 64], Activation.Tanh, sharedTrunk: true);
    private readonly Kernels kernels;

    private protected FusedNetworkTests(Kernels kernels) => this.kernels = kernels;

    /// <inheritdoc/>
    protected override INetwork Create(NetworkSpec spec, int rowCapacity) => new FusedNetwork(spec, rowCapacity, kernels);

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.ReLU)]
    [InlineData(Activation.ELU)]
    [InlineData(Activation.SiLU)]
    public void Loading_forward_and_backward_allocate_nothing(Activation activation)
    {
        using var network = Create(Gaussian with { Activation = activation }, 21);
        var (parameters, observations, inputGradients) = (Parameters(network), new float[20 * 5], new float[20 * 5]);
        var (outputGradients, gradient) = (new float[20 * network.Spec.Outputs], new float[network.Layout.Count]);
        Rollout(); // compiles
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Rollout();
        }));

        void Rollout()
        {
            network.Load(parameters);
            for (var row = 0; row < 20; row++)
                network.Forward(observations.AsSpan(row * 5, 5), row);
            network.Backward(outputGradients, gradient);
            network.Forward(observations);
            network.Backward(outputGradients, gradient, inputGradients);
        }
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.ReLU)]
    [InlineData(Activation.ELU)]
    [InlineData(Activation.SiLU)]
    public void A_parameter_that_is_not_a_number_shows_in_every_output_and_in_the_gradient(Activation activation)
    {
        using var network = Create(NetworkSpec.ActorCritic(3, 2, 0, [5, 17], activation, sharedTrunk: true), 6);
        var parameters = Parameters(network);
        foreach (var layer in network.Layout.Towers[0].SkipLast(1))
            foreach (var poisoned in new[] { layer.WeightOffset + 1, layer.BiasOffset })
                foreach (var rows in new[] { 1, 6 })
                {
                    var sound = parameters[poisoned];
                    parameters[poisoned] = float.NaN;
                    network.Load(parameters);
                    var outputs = network.Forward(Ones(rows * 3)).ToArray();
                    Assert.All(outputs, output => Assert.Equal(float.NaN, output));

                    var gradient = new float[network.Layout.Count];
                    network.Backward(Ones(rows * 3), gradient);
                    Assert.Contains(gradient, float.IsNaN);
                    parameters[poisoned] = sound;
                }
    }

    [Fact]
    public void An_observation_that_is_not_a_number_spoils_its_own_row_only()
    {
        using var network = Create(Gaussian, 9);
        network.Load(Parameters(network));
        var observations = Ones(9 * 5);
        observations[4 * 5 + 2] = float.NaN;
        var outputs = network.Forward(observations).ToArray();
        for (var row = 0; row < 9; row++)
            for (var column = 0; column < 3; column++)
                Assert.Equal(row == 4, float.IsNaN(outputs[row * Gaussian.Outputs + column]));
    }

    [Fact]
    public void After_not_a_number_sound_parameters_give_sound_results_again()
    {
        using var network = Create(Gaussian, 9);
        var parameters = Parameters(network);
        network.Load(parameters);
        var expected = Gradients();
        network.Load([.. parameters.Select(_ => float.NaN)]);
        Gradients();
        network.Load(parameters);
        Assert.Equal(expected, Gradients());

        float[] Gradients()
        {
            var (gradient, inputGradients) = (new float[network.Layout.Count], new float[9 * 5]);
            network.Forward(Ones(9 * 5));
            network.Backward(Ones(9 * Gaussian.Outputs), gradient, inputGradients);
            return [.. gradient, .. inputGradients];
        }
    }

    [Fact]
    public void Without_a_choice_the_kernels_are_the_widest_that_the_machine_runs()
    {
        using var network = new FusedNetwork(Gaussian, 9);
        using var same = new FusedNetwork(Gaussian, 9, Kernels.Widest);
        var parameters = Parameters(network);
        network.Load(parameters);
        same.Load(parameters);
        Assert.Equal(same.Forward(Ones(9 * 5)), network.Forward(Ones(9 * 5)));
        Assert.Equal(Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4, Kernels.Widest.Lanes);
    }

    [Fact]
    public void Use_after_disposal_is_refused()
    {
        var network = Create(Gaussian, 9);
        network.Dispose();
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => network.Load(new float[network.Layout.Count]));
        Assert.Throws<ObjectDisposedException>(() => network.Forward(new float[5]));
        Assert.Throws<ObjectDisposedException>(() => network.Backward(new float[Gaussian.Outputs], new float[network.Layout.Count]));
    }

    [Fact]
    public void A_refusal_says_what_was_wrong_and_what_fits()
    {
        using var network = Create(Gaussian, 9);
        var count = network.Layout.Count;
        Refuses(() => network.Load(new float[count + 1]), $"{count} parameters, not {count + 1}");
        Refuses(() => network.Forward(new float[7]), "7 floats", "rows of 5");
        Refuses(() => network.Forward([]), "0 floats");
        Refuses(() => network.Forward(new float[2 * 5], row: 8), "Rows 8 to 9", "9 rows");
        Refuses(() => network.Forward(new float[5], row: -1), "Rows -1");
        Refuses(() => network.Forward(new float[5], row: int.MaxValue), "9 rows");
        Refuses(() => network.Backward(new float[5], new float[count - 1]), $"{count} parameters, not {count - 1}");
        Refuses(() => network.Backward(new float[4], new float[count]), "4 floats", "rows of 5");
        Refuses(() => network.Backward(new float[2 * 5], new float[count], new float[5]), "10 input gradients, not 5");

        static void Refuses(Action call, params string[] said)
        {
            var message = Assert.Throws<ArgumentException>(call).Message;
            Assert.All(said, part => Assert.Contains(part, message));
        }
    }

    [Fact]
    public void A_capacity_below_one_row_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Create(Gaussian, 0));

    [Fact]
    public void A_network_that_no_block_of_memory_holds_is_refused() =>
        Assert.Throws<ArgumentException>(
            () => Create(NetworkSpec.ActorCritic(4, 2, 0, [40_000, 40_000], Activation.Tanh, sharedTrunk: true), 20));

    private static float[] Parameters(INetwork network)
    {
        var random = new RandomStream(11);
        return [.. Enumerable.Range(0, network.Layout.Count).Select(_ => 0.3f * (float)random.NextNormal())];
    }

    private static float[] Normal(int count)
    {
        var random = new RandomStream((ulong)count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    private static float[] Ones(int count) => [.. Enumerable.Repeat(1f, count)];
}
