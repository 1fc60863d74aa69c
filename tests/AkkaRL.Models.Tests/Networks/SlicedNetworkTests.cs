using System.Collections.Immutable;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>A network in slices owes what every engine does.</summary>
public sealed class NetworkOfTwoSlicesTests : EngineContractTests
{
    /// <inheritdoc/>
    protected override INetwork Create(NetworkSpec spec, int rowCapacity) => new SlicedNetwork(spec, rowCapacity, 2, new Crew(2));
}

/// <summary>The same in more slices than one a core.</summary>
public sealed class NetworkOfManySlicesTests : EngineContractTests
{
    /// <inheritdoc/>
    protected override INetwork Create(NetworkSpec spec, int rowCapacity) => new SlicedNetwork(spec, rowCapacity, 9, new Crew(3));
}

public class SlicedNetworkTests
{
    private static readonly NetworkSpec Wide = new(5, Activation.ReLU, [new TowerSpec([150, 290], [new HeadSpec("q", 3, 1f)])]);

    /// <summary>No hidden layer to three, towers that are narrow and wide, constants.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(16)]
    public void Slices_have_every_parameter_of_the_whole(int slices)
    {
        foreach (var hidden in (ImmutableArray<int>[])[[], [1], [64], [300], [65, 300], [48, 48, 256]])
            foreach (var constants in (int[])[0, 3])
                foreach (var isShared in (bool[])[true, false])
                {
                    var spec = NetworkSpec.ActorCritic(5, 4, constants, hidden, Activation.ReLU, isShared);
                    var whole = Enumerable.Range(1, new ParameterLayout(spec).Count).Select(i => (float)i).ToArray();
                    var given = new float[whole.Length];
                    foreach (var slice in NetworkSlice.Share(spec, slices))
                    {
                        var own = new float[new ParameterLayout(slice.Spec).Count];
                        slice.Take(whole, own);
                        Assert.Equal(slice.Vacant.GetOffsetAndLength(own.Length).Length, own.Count(value => value == 0));
                        Assert.All(own[slice.Vacant], value => Assert.Equal(0, value));
                        Assert.Equal(own.Length - slice.Vacant.GetOffsetAndLength(own.Length).Length, own.Where(value => value > 0).Distinct().Count());
                        // What is tied is given by the first slice alone.
                        if (!slice.IsFirst)
                            own.AsSpan(0, slice.Tied).Fill(-1);
                        slice.Give(own, given);
                    }
                    Assert.Equal(whole, given);
                }
    }

    [Fact]
    public void A_wide_tower_has_slices_of_whole_cache_lines()
    {
        Assert.Equal([144, 146], NetworkSlice.Share(Wide, 2).Select(slice => slice.Spec.Towers[0].Hidden[1]));
        Assert.Equal([64, 80, 64, 82], NetworkSlice.Share(Wide, 4).Select(slice => slice.Spec.Towers[0].Hidden[1]));
        Assert.Equal(2, NetworkSlice.Share(NetworkSpec.ActorCritic(5, 2, 0, [64, 64], Activation.Tanh, sharedTrunk: false), 2).Length);
    }

    /// <summary>By rows, by the last hidden layer's width, and by what is every slice's beside it: wide inputs, layers in front.</summary>
    [Theory]
    [InlineData(4, 256, 256, 1, 1, 1)]
    [InlineData(4, 256, 256, 64, 1, 2)]
    [InlineData(4, 256, 256, 64, 2, 4)]
    [InlineData(4, 256, 1_024, 64, 1, 8)]
    [InlineData(4, 256, 512, 64, 2, 8)]
    [InlineData(4, 64, 64, 256, 1, 2)]
    [InlineData(300, 256, 256, 64, 1, 2)]
    [InlineData(800, 256, 256, 64, 1, 1)]
    [InlineData(1_000, 1_024, 1_024, 64, 1, 2)]
    public void How_many_slices_there_are_is_a_matter_of_size(int inputs, int first, int second, int rows, int towers, int expected)
    {
        var tower = new TowerSpec([first, second], [new HeadSpec("q", 2, 1f)]);
        using var network = new SlicedNetwork(new NetworkSpec(inputs, Activation.ReLU, [.. Enumerable.Repeat(tower, towers)]), rows, new Crew(2));
        Assert.Equal(expected, network.Parts.Length);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(61)]
    [InlineData(259)]
    public void The_number_of_threads_changes_no_bit(int rows)
    {
        var spec = Wide;
        var random = new RandomStream(1);
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
        var (parameters, observations, outputGradients) = (Normal(new ParameterLayout(spec).Count), Normal(rows * 5), Normal(rows * spec.Outputs));
        var expected = Pass(1);
        foreach (var threads in new[] { 2, 4 })
            for (var pass = 0; pass < 10; pass++)
                Assert.Equal(expected, Pass(threads));

        float[] Pass(int threads)
        {
            using var network = new SlicedNetwork(spec, rows, 3, new Crew(threads));
            var (gradient, inputGradients) = (new float[network.Layout.Count], new float[rows * 5]);
            network.Load(parameters);
            var outputs = network.Forward(observations).ToArray();
            network.Backward(outputGradients, gradient, inputGradients);
            return [.. outputs, .. gradient, .. inputGradients];
        }
    }

    [Fact]
    public void Passes_allocate_nothing()
    {
        using var network = new SlicedNetwork(Wide, 64, 2, new Crew(2));
        var (parameters, gradient) = (new float[network.Layout.Count], new float[network.Layout.Count]);
        var (observations, outputGradients, inputGradients) = (new float[64 * 5], new float[64 * 3], new float[64 * 5]);
        Pass();
        Assert.InRange(Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Pass();
        }), 0, 99);

        void Pass()
        {
            network.Load(parameters);
            network.Forward(observations);
            network.Backward(outputGradients, gradient, inputGradients);
        }
    }

    [Fact]
    public void A_refusal_reaches_the_caller()
    {
        using var network = new SlicedNetwork(Wide, 9, 2, new Crew(2));
        Assert.Contains("parameters, not 3", Assert.Throws<ArgumentException>(() => network.Load(new float[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => network.Forward(new float[7]));
        Assert.Throws<ArgumentException>(() => network.Forward(new float[5], row: 9));
        Assert.Throws<ArgumentException>(() => network.Backward(new float[10 * 3], new float[network.Layout.Count]));
        Assert.Throws<ArgumentException>(() => network.Backward(new float[3], new float[7]));
    }
}
