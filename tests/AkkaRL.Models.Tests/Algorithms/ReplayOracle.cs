using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>A minibatch, parameters, and the network of a flat vector for automatic differentiation: what the gradient tests of the replay shape share.</summary>
internal static class ReplayOracle
{
    public const int Batch = 6, Observation = 3;

    public static readonly NetworkSettings Shape = new() { Hidden = [5, 4], Activation = Activation.Tanh };

    public static Minibatch DrawMinibatch(int targetOutputs, Func<RandomStream, double> action, int actionSize, int observation = Observation, int maskSize = 0)
    {
        var random = new RandomStream(9);
        var minibatch = new Minibatch(Batch, observation, actionSize, targetOutputs, maskSize) { Count = Batch };
        foreach (var rows in new[] { minibatch.Observations, minibatch.NextObservations, minibatch.Rewards })
            foreach (ref var element in rows.AsSpan())
                element = (float)(2 * random.NextNormal());
        foreach (ref var element in minibatch.Actions.AsSpan())
            element = (float)action(random);
        for (var j = 0; j < Batch && maskSize > 0; j++)
        {
            foreach (ref var allowed in minibatch.NextAllowed(j))
                allowed = random.NextInteger(3) == 0;
            minibatch.NextAllowed(j)[random.NextInteger(maskSize)] = true;
        }
        for (var j = 0; j < Batch; j++)
            (minibatch.Discounts[j], minibatch.Weights[j]) = (j == 2 ? 0 : 0.9f, 1 - 0.1f * j);
        return minibatch;
    }

    public static float[] Draw(NetworkSpec spec, ulong seed)
    {
        var random = new RandomStream(seed);
        return [.. Enumerable.Range(0, new ParameterLayout(spec).Count).Select(_ => (float)(0.7 * random.NextNormal()))];
    }

    public static Tensor Leaf(float[] values) => tensor(values, requires_grad: true);

    public static Tensor Rows(float[] values, int width) => tensor(values).view(-1, width);

    public static Tensor Forward(NetworkSpec spec, Tensor flat, Tensor x) => cat([.. new ParameterLayout(spec).Towers.Select(layers =>
    {
        var h = x;
        for (var i = 0; i < layers.Length; i++)
        {
            var (inputs, outputs, offset) = layers[i];
            h = h.matmul(flat.narrow(0, offset, inputs * outputs).view(inputs, outputs)) + flat.narrow(0, layers[i].BiasOffset, outputs);
            if (i < layers.Length - 1)
                h = h.tanh();
        }
        return h;
    })], 1);

    public static void AssertSubtracted(Tensor leaf, float[] before, ReadOnlySpan<float> after, float rate = 1)
    {
        var gradient = leaf.grad!.data<float>().ToArray();
        Assert.Contains(gradient, element => MathF.Abs(element) > 1e-4f);
        Equal([.. before.Zip(gradient, (value, slope) => value - rate * slope)], after);
    }

    public static void Equal(float[] expected, ReadOnlySpan<float> actual, float tolerance = 2e-4f)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= tolerance * (1 + MathF.Abs(expected[i])), $"[{i}]: expected {expected[i]}, not {actual[i]}");
    }
}
