using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>Training in slices beside the plain way: the gradient of the whole, clipped as one, one optimizer.</summary>
public class TrainedNetworkTests
{
    private const int Rows = 33;

    private static readonly NetworkSpec One = new(5, Activation.ReLU, [new TowerSpec([40, 200], [new HeadSpec("q", 3, 1f)])]);
    private static readonly NetworkSpec Two = NetworkSpec.ActorCritic(5, 2, 2, [64, 64], Activation.Tanh, sharedTrunk: false);

    private static int Count { get; } = new ParameterLayout(One).Count;

    public static TheoryData<string, double, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, double, int>();
            foreach (var optimizer in (string[])["adam", "rmsprop", "momentum"])
                foreach (var norm in (double[])[0, 0.5, 1e6])
                    foreach (var slices in (int[])[1, 2, 5])
                        cases.Add(optimizer, norm, slices);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_descent_is_that_of_the_whole(string optimizer, double maximumNorm, int slices)
    {
        foreach (var spec in (NetworkSpec[])[One, Two])
        {
            using var whole = new FusedNetwork(spec, Rows);
            var (parameters, gradient, plain) = (Normal(whole.Layout.Count, 1), new float[whole.Layout.Count], Make(optimizer, whole.Layout.Count));
            using var trained = new TrainedNetwork(new SlicedNetwork(spec, Rows, slices, new Crew(2)), (float[])parameters.Clone(), count => Make(optimizer, count));
            for (var update = 0; update < 4; update++)
            {
                var (observations, outputGradients) = (Normal(Rows * 5, 10 + update), Normal(Rows * spec.Outputs, 20 + update));
                whole.Load(parameters);
                whole.Forward(observations);
                whole.Backward(outputGradients, gradient);
                var norm = GradientClipping.ClipByGlobalNorm(gradient, maximumNorm > 0 ? (float)maximumNorm : float.PositiveInfinity);
                plain.Update(parameters, gradient, 1e-3f);

                trained.Network.Forward(observations);
                Assert.Equal(norm, trained.Descend(outputGradients, maximumNorm, 1e-3f), norm * 1e-4);
                AssertClose(parameters, trained.Gather().ToArray());
            }
            var state = new Dictionary<string, float[]>();
            trained.VisitOptimizer(new Recorder(state, isRestoring: false), "optimizer");
            Assert.Equal(4, state["optimizer.updates"][0]);
            AssertClose(plain.Moments.ToArray(), state["optimizer.moments"]);
        }
    }

    [Fact]
    public void What_a_snapshot_holds_goes_on_to_the_bit_whatever_the_threads()
    {
        var (firstParameters, secondParameters, state) = (Normal(Count, 1), Normal(Count, 1), new Dictionary<string, float[]>());
        using var first = Make(firstParameters, threads: 1);
        using var second = Make(secondParameters, threads: 4);
        Descend(first, 0, 10);
        first.VisitOptimizer(new Recorder(state, isRestoring: false), "optimizer");
        Descend(second, 50, 3);
        first.Gather().CopyTo(secondParameters);
        second.Load();
        second.VisitOptimizer(new Recorder(state, isRestoring: true), "optimizer");
        Descend(first, 10, 10);
        Descend(second, 10, 10);
        Assert.NotEqual(Normal(Count, 1), first.Gather().ToArray());
        Assert.Equal(first.Gather(), second.Gather());

        static TrainedNetwork Make(float[] parameters, int threads) =>
            new(new SlicedNetwork(One, Rows, 3, new Crew(threads)), parameters, count => new Adam(count, 1e-8f));

        static void Descend(TrainedNetwork trained, int from, int count)
        {
            for (var update = from; update < from + count; update++)
            {
                trained.Network.Forward(Normal(Rows * 5, update));
                trained.Descend(Normal(Rows * One.Outputs, 1_000 + update), 0.5, 1e-3f);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_changes_nothing(float poison)
    {
        var parameters = Normal(Count, 1);
        using var trained = new TrainedNetwork(new SlicedNetwork(One, Rows, 2, new Crew(2)), parameters, count => new Adam(count, 1e-8f));
        var outputs = trained.Network.Forward(Normal(Rows * 5, 2)).ToArray();
        var outputGradients = Normal(Rows * One.Outputs, 3);
        outputGradients[^1] = poison;
        Assert.False(float.IsFinite(trained.Descend(outputGradients, 0.5, 1e-3f)));
        Assert.Equal(Normal(Count, 1), trained.Gather().ToArray());
        Assert.Equal(outputs, trained.Network.Forward(Normal(Rows * 5, 2)).ToArray());
        var state = new Dictionary<string, float[]>();
        trained.VisitOptimizer(new Recorder(state, isRestoring: false), "optimizer");
        Assert.Equal(0, state["optimizer.updates"][0]);
        Assert.All(state["optimizer.moments"], moment => Assert.Equal(0, moment));
    }

    /// <summary>Its squares are beyond a float.</summary>
    [Fact]
    public void A_huge_gradient_is_clipped_like_any_other()
    {
        using var trained = new TrainedNetwork(new SlicedNetwork(One, Rows, 2, new Crew(2)), Normal(Count, 1), count => new SgdMomentum(count, 0));
        trained.Network.Forward(Normal(Rows * 5, 2));
        var norm = trained.Descend([.. Normal(Rows * One.Outputs, 3).Select(value => value * 1e25f)], 0.5, 1);
        Assert.InRange(norm, 1e25, float.MaxValue);
        Assert.Equal(0.5, Math.Sqrt(Normal(Count, 1).Zip(trained.Gather().ToArray(), (old, now) => (double)(old - now) * (old - now)).Sum()), 1e-3);
    }

    private static IOptimizer Make(string kind, int count) => kind switch
    {
        "adam" => new Adam(count, 1e-5f),
        "rmsprop" => new RMSProp(count, 0.99f, 1e-5f, 1),
        _ => new SgdMomentum(count, 0.9f),
    };

    private static float[] Normal(int count, int seed)
    {
        var random = new RandomStream((ulong)seed);
        return [.. Enumerable.Range(0, count).Select(_ => 0.3f * (float)random.NextNormal())];
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(MathF.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], largest * 1e-4);
    }

    private sealed class Recorder(Dictionary<string, float[]> state, bool isRestoring) : IStateVisitor
    {
        public bool IsRestoring => isRestoring;

        public void Visit(string name, Span<float> vector)
        {
            if (isRestoring)
                state[name].CopyTo(vector);
            else
                state[name] = vector.ToArray();
        }

        public void Visit(string name, ref long number)
        {
            if (isRestoring)
                number = (long)state[name][0];
            else
                state[name] = [number];
        }

        public void Visit(string name, ref double number) => throw new NotSupportedException();
    }
}
