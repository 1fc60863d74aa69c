using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Networks;

public class NetworkInitializerTests
{
    [Theory]
    [InlineData(4, 64)]
    [InlineData(64, 64)]
    [InlineData(100, 30)]
    public void Hidden_weights_are_orthogonal_with_gain_root_two(int inputs, int width)
    {
        var spec = NetworkSpec.ActorCritic(inputs, 2, 0, [width], Activation.Tanh, sharedTrunk: true);
        var layer = new ParameterLayout(spec).Towers[0][0];
        AssertOrthogonal(Block(Initial(spec), layer, 0, width), Math.Sqrt(2));
    }

    [Fact]
    public void Every_head_of_a_tower_is_orthogonal_with_its_own_gain()
    {
        var spec = NetworkSpec.ActorCritic(8, 5, 0, [64, 32], Activation.ReLU, sharedTrunk: true);
        var parameters = Initial(spec);
        var layer = new ParameterLayout(spec).Towers[0][^1];
        AssertOrthogonal(Block(parameters, layer, 0, 5), 0.01);
        AssertOrthogonal(Block(parameters, layer, 5, 1), 1);
    }

    [Fact]
    public void Biases_start_at_zero_and_constants_at_their_setting()
    {
        var spec = NetworkSpec.ActorCritic(8, 3, 3, [16], Activation.Tanh, sharedTrunk: false, initialConstant: -0.5f);
        var parameters = Initial(spec);
        var layout = new ParameterLayout(spec);
        foreach (var layer in layout.Towers.SelectMany(tower => tower))
            Assert.All(parameters[layer.BiasOffset..layer.End], bias => Assert.Equal(0, bias));
        Assert.Equal([-0.5f, -0.5f, -0.5f], parameters[layout.ConstantOffset..]);
    }

    [Fact]
    public void The_same_stream_draws_the_same_parameters_and_another_draws_others()
    {
        var spec = NetworkSpec.ActorCritic(4, 2, 0, [64, 64], Activation.Tanh, sharedTrunk: true);
        Assert.Equal(Initial(spec, 1), Initial(spec, 1));
        Assert.NotEqual(Initial(spec, 1), Initial(spec, 2));
    }

    [Fact]
    public void A_vector_of_the_wrong_length_is_refused()
    {
        var spec = NetworkSpec.ActorCritic(4, 2, 0, [], Activation.Tanh, sharedTrunk: true);
        Assert.Throws<ArgumentException>(() => NetworkInitializer.Initialize(spec, new RandomStream(1), new float[14]));
    }

    private static float[] Initial(NetworkSpec spec, ulong seed = 5)
    {
        var parameters = new float[new ParameterLayout(spec).Count];
        NetworkInitializer.Initialize(spec, new RandomStream(seed), parameters);
        return parameters;
    }

    private static double[,] Block(float[] parameters, LayerLayout layer, int first, int count)
    {
        var block = new double[layer.Inputs, count];
        for (var i = 0; i < layer.Inputs; i++)
            for (var j = 0; j < count; j++)
                block[i, j] = parameters[layer.WeightOffset + i * layer.Outputs + first + j];
        return block;
    }

    /// <summary>WᵀW = gain² I for a matrix that narrows, WWᵀ = gain² I for one that widens.</summary>
    private static void AssertOrthogonal(double[,] w, double gain)
    {
        var (rows, columns) = (w.GetLength(0), w.GetLength(1));
        var (vectors, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        for (var a = 0; a < vectors; a++)
            for (var b = 0; b <= a; b++)
            {
                var dot = Enumerable.Range(0, length).Sum(i => rows >= columns ? w[i, a] * w[i, b] : w[a, i] * w[b, i]);
                Assert.Equal(a == b ? gain * gain : 0, dot, 1e-5 * gain * gain);
            }
    }
}
