using AkkaRL.Models.Distributions;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Distributions;

/// <summary>What holds for every distribution.</summary>
public class PolicyDistributionTests
{
    private static readonly int[] Counts = [3, 2, 4];

    public static TheoryData<PolicyDistribution> All =>
        [new Categorical(2), new Categorical(6), new Categorical(18), new MultiCategorical([.. Counts]), new DiagonalGaussian(1), new DiagonalGaussian(6)];

    [Theory]
    [MemberData(nameof(All))]
    public void The_gradient_equals_automatic_differentiation(PolicyDistribution distribution)
    {
        var random = new RandomStream(1);
        (float, float)[] weights = [(1, 0), (0, 1), (0.7f, -0.3f), (-2, 0.01f)];
        for (var trial = 0; trial < 25; trial++)
            foreach (var (logProbabilityWeight, entropyWeight) in weights)
            {
                var (parameters, action) = Draw(distribution, random, scale: 2);
                var (logProbability, entropy, expected) = distribution switch
                {
                    Categorical => TorchOracle.Categorical(parameters, (int)action[0], logProbabilityWeight, entropyWeight),
                    MultiCategorical => TorchOracle.MultiCategorical(parameters, Counts, action, logProbabilityWeight, entropyWeight),
                    _ => TorchOracle.DiagonalGaussian(parameters, action, logProbabilityWeight, entropyWeight),
                };
                var gradient = Poisoned(parameters.Length);

                var returned = distribution.Gradient(parameters, action, logProbabilityWeight, entropyWeight, gradient);

                var (score, entropyGradient) = (Poisoned(parameters.Length), Poisoned(parameters.Length));
                var differentiated = distribution.Differentiate(parameters, action, score, entropyGradient);

                Assert.Equal(entropy, returned, 1e-5 * (1 + Math.Abs(entropy)));
                Assert.Equal((distribution.LogProbability(parameters, action), returned), differentiated);
                Assert.Equal(entropy, distribution.Entropy(parameters), 1e-5 * (1 + Math.Abs(entropy)));
                Assert.Equal(logProbability, distribution.LogProbability(parameters, action), 1e-5 * (1 + Math.Abs(logProbability)));
                var scale = 1 + expected.Max(Math.Abs);
                for (var i = 0; i < gradient.Length; i++)
                {
                    Assert.Equal(expected[i], gradient[i], 1e-5 * scale);
                    Assert.Equal(expected[i], logProbabilityWeight * score[i] + entropyWeight * entropyGradient[i], 1e-5 * scale);
                }
            }
    }

    /// <summary>Logits that are far apart and, of a choice, not allowed, too.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Many_rows_are_differentiated_as_one_is(PolicyDistribution distribution)
    {
        const int Rows = 67;
        var random = new RandomStream(6);
        var drawn = Enumerable.Range(0, Rows).Select(row => Draw(distribution, random, scale: row % 3 == 0 ? 40 : 1)).ToArray();
        if (distribution is Categorical)
            foreach (var (parameters, action) in drawn.Where((_, row) => row % 5 == 0))
                parameters[action[0] == 0 ? 1 : 0] = float.NegativeInfinity;
        var size = drawn[0].Item1.Length;
        var (scores, entropyGradients) = (Poisoned(Rows * size), Poisoned(Rows * size));
        var (logProbabilities, entropies) = (Poisoned(Rows), Poisoned(Rows));

        distribution.DifferentiateRows(
            Rows, drawn.SelectMany(row => row.Item1).ToArray(), drawn.SelectMany(row => row.Item2).ToArray(), scores, entropyGradients, logProbabilities, entropies);

        var (score, entropyGradient) = (new float[size], new float[size]);
        for (var row = 0; row < Rows; row++)
        {
            var (logProbability, entropy) = distribution.Differentiate(drawn[row].Item1, drawn[row].Item2, score, entropyGradient);
            Assert.Equal(logProbability, logProbabilities[row], 1e-5 * (1 + Math.Abs(logProbability)));
            Assert.Equal(entropy, entropies[row], 1e-5 * (1 + Math.Abs(entropy)));
            for (var i = 0; i < size; i++)
            {
                Assert.Equal(score[i], scores[row * size + i], 1e-5 * (1 + Math.Abs(score[i])));
                Assert.Equal(entropyGradient[i], entropyGradients[row * size + i], 1e-5 * (1 + Math.Abs(entropyGradient[i])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_gradient_equals_finite_differences(PolicyDistribution distribution)
    {
        const float Step = 1e-2f;
        var random = new RandomStream(2);
        var (parameters, action) = Draw(distribution, random, scale: 0.5);
        var gradient = Poisoned(parameters.Length);
        distribution.Gradient(parameters, action, 1, 0.5f, gradient);
        for (var i = 0; i < parameters.Length; i++)
            Assert.Equal((Objective(i, Step) - Objective(i, -Step)) / (2 * Step), gradient[i], 2e-3 * (1 + Math.Abs(gradient[i])));

        float Objective(int moved, float by)
        {
            var elsewhere = (float[])parameters.Clone();
            elsewhere[moved] += by;
            return distribution.LogProbability(elsewhere, action) + 0.5f * distribution.Entropy(elsewhere);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Following_the_log_probability_makes_the_action_likelier(PolicyDistribution distribution)
    {
        var (parameters, action) = Draw(distribution, new RandomStream(3), scale: 1);
        var before = distribution.LogProbability(parameters, action);
        Ascend(distribution, parameters, action, logProbabilityWeight: 1, entropyWeight: 0);
        Assert.True(distribution.LogProbability(parameters, action) > before);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_entropy_bonus_flattens_the_policy(PolicyDistribution distribution)
    {
        var (parameters, action) = Draw(distribution, new RandomStream(4), scale: 1);
        var before = distribution.Entropy(parameters);
        Ascend(distribution, parameters, action, logProbabilityWeight: 0, entropyWeight: 1);
        Assert.True(distribution.Entropy(parameters) > before);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Sampling_returns_the_log_probability_of_what_it_drew(PolicyDistribution distribution)
    {
        var random = new RandomStream(5);
        for (var trial = 0; trial < 100; trial++)
        {
            var (parameters, action) = Draw(distribution, random, scale: 1);
            var logProbability = distribution.Sample(parameters, random, action);
            Assert.Equal(distribution.LogProbability(parameters, action), logProbability, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_sampled_action_is_likelier_than_the_mode(PolicyDistribution distribution)
    {
        var random = new RandomStream(6);
        var mode = new float[distribution.ActionSize];
        for (var trial = 0; trial < 100; trial++)
        {
            var (parameters, action) = Draw(distribution, random, scale: 1);
            distribution.Mode(parameters, mode);
            Assert.True(distribution.LogProbability(parameters, mode) >= distribution.LogProbability(parameters, action));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_same_stream_draws_the_same_actions(PolicyDistribution distribution)
    {
        var (first, second) = (Draw(distribution, new RandomStream(7), scale: 1), Draw(distribution, new RandomStream(7), scale: 1));
        Assert.Equal(first.Action, second.Action);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_allocates(PolicyDistribution distribution)
    {
        var random = new RandomStream(8);
        var (parameters, action) = Draw(distribution, random, scale: 1);
        var gradient = new float[parameters.Length];
        Use();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Use();
        }));

        void Use()
        {
            distribution.Sample(parameters, random, action);
            distribution.Mode(parameters, action);
            distribution.LogProbability(parameters, action);
            distribution.Entropy(parameters);
            distribution.Gradient(parameters, action, 1, 1, gradient);
            distribution.AddDivergenceGradient(parameters, parameters, 1, gradient);
        }
    }

    private static (float[] Parameters, float[] Action) Draw(PolicyDistribution distribution, RandomStream random, double scale)
    {
        float[] parameters = [.. Enumerable.Range(0, distribution.HeadSize + distribution.ConstantSize).Select(_ => (float)(scale * random.NextNormal()))];
        var action = new float[distribution.ActionSize];
        distribution.Sample(parameters, random, action);
        return (parameters, action);
    }

    private static void Ascend(PolicyDistribution distribution, float[] parameters, float[] action, float logProbabilityWeight, float entropyWeight)
    {
        var gradient = Poisoned(parameters.Length);
        distribution.Gradient(parameters, action, logProbabilityWeight, entropyWeight, gradient);
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] += 1e-2f * gradient[i];
    }

    private static float[] Poisoned(int length)
    {
        var gradient = new float[length];
        Array.Fill(gradient, float.NaN);
        return gradient;
    }
}
