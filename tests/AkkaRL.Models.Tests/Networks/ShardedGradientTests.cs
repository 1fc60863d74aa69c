using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Networks;

public sealed class ShardedGradientTests
{
    private static readonly NetworkSpec Spec = NetworkSpec.ActorCritic(3, 2, 0, [8], Activation.Tanh, sharedTrunk: true);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(300)]
    public void Shards_sum_to_the_gradient_of_one_network(int rows)
    {
        var (parameters, observations) = Random(rows);
        var gradient = new float[parameters.Length];
        using var sharded = new ShardedGradient(capacity => new FusedNetwork(Spec, capacity), 300);
        using var whole = new FusedNetwork(Spec, rows);
        int[] order = [.. Enumerable.Range(0, rows).Reverse()];

        var sums = sharded.Compute(parameters, observations, order, new SquaredOutputs(), gradient);

        var expected = new float[parameters.Length];
        whole.Load(parameters);
        whole.Backward(whole.Forward(observations), expected);
        Assert.Equal(rows, sums.Rows);
        Assert.Equal(expected, gradient, (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void The_same_rows_give_the_same_bits_every_time()
    {
        var (parameters, observations) = Random(1000);
        using var sharded = new ShardedGradient(capacity => new FusedNetwork(Spec, capacity), 1000);
        int[] order = [.. Enumerable.Range(0, 1000)];
        var first = new float[parameters.Length];
        sharded.Compute(parameters, observations, order, new SquaredOutputs(), first);

        for (var i = 0; i < 20; i++)
        {
            var again = new float[parameters.Length];
            sharded.Compute(parameters, observations, order, new SquaredOutputs(), again);
            Assert.Equal(first, again);
        }
    }

    [Fact]
    public void A_folded_network_takes_raw_observations_as_it_took_normalised_ones()
    {
        var spec = NetworkSpec.ActorCritic(3, 2, 1, [8], Activation.Tanh, sharedTrunk: false);
        var parameters = new float[new ParameterLayout(spec).Count];
        NetworkInitializer.Initialize(spec, new RandomStream(1), parameters);
        using var network = new FusedNetwork(spec, 1);
        network.Load(parameters);
        float[] raw = [5, -2, 0.3f];
        double[] mean = [4, -1, 0];
        double[] scale = [2, 0.5, 10];
        var expected = network.Forward([.. raw.Select((x, i) => (float)((x - mean[i]) * scale[i]))]).ToArray();

        InputScaling.Fold(network.Layout, mean, scale, parameters);

        network.Load(parameters);
        Assert.Equal(expected, network.Forward(raw).ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    /// <summary>L = Σ ½ y².</summary>
    private sealed class SquaredOutputs : IRowLoss
    {
        public void Gradient(ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, Span<float> gradients, ref LossSums sums) => outputs.CopyTo(gradients);
    }

    private static (float[] Parameters, float[] Observations) Random(int rows)
    {
        var random = new RandomStream(3);
        var parameters = new float[new ParameterLayout(Spec).Count];
        NetworkInitializer.Initialize(Spec, random, parameters);
        return (parameters, [.. Enumerable.Range(0, rows * Spec.Inputs).Select(_ => (float)random.NextNormal())]);
    }
}
