using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
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
        using var sharded = new ShardedGradient([capacity => new FusedNetwork(Spec, capacity)], 300);
        using var whole = new FusedNetwork(Spec, rows);
        int[] order = [.. Enumerable.Range(0, rows).Reverse()];

        var sums = sharded.Compute(parameters, observations, order, new SquaredOutputs(), gradient);

        var expected = new float[parameters.Length];
        whole.Load(parameters);
        whole.Backward(whole.Forward(observations), expected);
        Assert.Equal(rows, sums.Rows);
        Assert.Equal(expected, gradient, (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(70, 2)]
    [InlineData(300, 1)]
    [InlineData(300, 2)]
    [InlineData(300, 5)]
    public void Parts_give_the_gradient_of_the_whole_whoever_computes_them(int rows, int threads)
    {
        var spec = NetworkSpec.ActorCritic(3, 2, 2, [8, 8], Activation.Tanh, sharedTrunk: false);
        var (parameters, observations) = Random(rows, spec);
        var (gradient, alone) = (new float[parameters.Length], new float[parameters.Length]);
        Func<int, INetwork>[] parts = [.. spec.Parts.Select(part => (Func<int, INetwork>)(capacity => new FusedNetwork(part, capacity)))];
        using var sharded = new ShardedGradient(parts, 300, crew: new Crew(threads));
        using var single = new ShardedGradient(parts, 300, crew: new Crew(1));
        using var whole = new FusedNetwork(spec, rows);
        int[] order = [.. Enumerable.Range(0, rows).Reverse()];

        sharded.Compute(parameters, observations, order, new CrossedOutputs(), gradient);
        single.Compute(parameters, observations, order, new CrossedOutputs(), alone);

        var (expected, outputGradients, sums) = (new float[parameters.Length], new float[rows * spec.Outputs], default(LossSums));
        whole.Load(parameters);
        new CrossedOutputs().Gradient(new int[rows], whole.Forward(observations), outputGradients, ref sums);
        whole.Backward(outputGradients, expected);
        Assert.Equal(2, parts.Length);
        Assert.Equal(alone, gradient);
        Assert.Equal(expected, gradient, (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void The_same_rows_give_the_same_bits_every_time()
    {
        var (parameters, observations) = Random(1000);
        using var sharded = new ShardedGradient([capacity => new FusedNetwork(Spec, capacity)], 1000);
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

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(400)]
    public void Shards_of_sequences_sum_to_the_gradients_of_each_sequence(int count)
    {
        var spec = Spec.With(new NetworkSettings { Recurrent = RecurrentKind.LSTM, RecurrentUnits = 3 }, [3]);
        var random = new RandomStream(3);
        var parameters = new float[new ParameterLayout(spec).Count];
        NetworkInitializer.Initialize(spec, random, parameters);
        var history = new RowHistory(3 * count, spec.StateSize);
        var starts = new List<int>();
        var rows = 0;
        for (var sequence = 0; sequence < count; sequence++)
        {
            starts.Add(rows);
            for (var step = 0; step <= sequence % 3; step++, rows++)
                (history.Sequence[rows], history.Begins[rows]) = (sequence, sequence % 2 == 1 && step == 1);
        }
        starts.Add(rows);
        foreach (ref var value in history.InitialStates.AsSpan())
            value = (float)random.NextNormal();
        float[] observations = [.. Enumerable.Range(0, rows * 3).Select(_ => (float)random.NextNormal())];
        int[] order = [.. Enumerable.Range(0, count).Reverse().SelectMany(sequence => Enumerable.Range(starts[sequence], starts[sequence + 1] - starts[sequence]))];
        var gradient = new float[parameters.Length];
        using var sharded = new ShardedGradient([capacity => new TorchNetwork(spec, capacity)], 3 * count, sequenceMaximum: 3);

        var sums = sharded.Compute(parameters, observations, order, new SquaredOutputs(), gradient, history);

        using var single = new TorchNetwork(spec, 3);
        single.Load(parameters);
        var (expected, part) = (new double[parameters.Length], new float[parameters.Length]);
        for (var sequence = 0; sequence < count; sequence++)
        {
            var (first, end) = (starts[sequence], starts[sequence + 1]);
            var outputs = single.Forward(observations.AsSpan(first * 3, (end - first) * 3), new Sequences(
                [end - first], history.InitialStates.AsSpan(sequence * spec.StateSize, spec.StateSize), history.Begins.AsSpan(first, end - first)));
            single.Backward(outputs, part);
            for (var i = 0; i < part.Length; i++)
                expected[i] += part[i];
        }
        Assert.Equal(rows, sums.Rows);
        for (var i = 0; i < gradient.Length; i++)
            Assert.Equal(expected[i], gradient[i], 1e-4 * Math.Max(1, Math.Abs(expected[i])));
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

    /// <summary>Every output's gradient is the sum of its row, so that each part's depends on what the others computed.</summary>
    private sealed class CrossedOutputs : IRowLoss
    {
        public void Gradient(ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, Span<float> gradients, ref LossSums sums)
        {
            var width = outputs.Length / rows.Length;
            for (var row = 0; row < rows.Length; row++)
            {
                var total = 0f;
                foreach (var output in outputs.Slice(row * width, width))
                    total += output;
                gradients.Slice(row * width, width).Fill(total);
            }
        }
    }

    private static (float[] Parameters, float[] Observations) Random(int rows) => Random(rows, Spec);

    private static (float[] Parameters, float[] Observations) Random(int rows, NetworkSpec spec)
    {
        var random = new RandomStream(3);
        var parameters = new float[new ParameterLayout(spec).Count];
        NetworkInitializer.Initialize(spec, random, parameters);
        return (parameters, [.. Enumerable.Range(0, rows * spec.Inputs).Select(_ => (float)random.NextNormal())]);
    }
}
