using AkkaRL.Models.Distributions;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Distributions;

public class CategoricalTests
{
    [Fact]
    public void Log_probabilities_and_entropy_equal_the_definition()
    {
        float[] logits = [0.3f, -1.2f, 2f];
        var sum = logits.Sum(l => Math.Exp(l));
        double[] p = [.. logits.Select(l => Math.Exp(l) / sum)];
        var distribution = new Categorical(3);
        for (var a = 0; a < 3; a++)
            Assert.Equal(Math.Log(p[a]), distribution.LogProbability(logits, [a]), 1e-6);
        Assert.Equal(-p.Sum(x => x * Math.Log(x)), distribution.Entropy(logits), 1e-6);
        Assert.Equal(Math.Log(3), distribution.Entropy([5, 5, 5]), 1e-6);
    }

    [Fact]
    public void Actions_are_drawn_as_often_as_they_are_likely()
    {
        const int Draws = 200_000;
        float[] logits = [0.3f, -1.2f, 2f, -4f];
        var distribution = new Categorical(4);
        var random = new RandomStream(9);
        var counts = new int[4];
        var action = new float[1];
        for (var i = 0; i < Draws; i++)
        {
            distribution.Sample(logits, random, action);
            counts[(int)action[0]]++;
        }
        for (var a = 0; a < 4; a++)
        {
            var p = Math.Exp(distribution.LogProbability(logits, [a]));
            Assert.Equal(p, (double)counts[a] / Draws, 4 * Math.Sqrt(p * (1 - p) / Draws)); // four standard errors
        }
    }

    [Fact]
    public void A_single_action_is_certain_and_has_nothing_to_learn()
    {
        var distribution = new Categorical(1);
        float[] gradient = [float.NaN], action = [float.NaN];
        Assert.Equal(0, distribution.Sample([3], new RandomStream(1), action));
        Assert.Equal(0, action[0]);
        Assert.Equal(0, distribution.Gradient([3], action, 1, 1, gradient));
        Assert.Equal(0, gradient[0]);
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void Huge_logits_neither_overflow_nor_vanish(float shift)
    {
        var distribution = new Categorical(2);
        float[] logits = [shift, shift + 1], gradient = new float[2];
        Assert.Equal(-Math.Log(1 + Math.E), distribution.LogProbability(logits, [0]), 1e-5);
        distribution.Gradient(logits, [0], 1, 1, gradient);
        Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
    }

    [Fact]
    public void An_action_of_probability_zero_is_never_drawn_and_has_no_gradient()
    {
        var distribution = new Categorical(3);
        float[] logits = [float.NegativeInfinity, 0, -200], gradient = new float[3], action = new float[1];
        var random = new RandomStream(10);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(0, distribution.Sample(logits, random, action), 1e-6);
            Assert.Equal(1, action[0]);
        }
        Assert.Equal(0, distribution.Gradient(logits, action, 1, 1, gradient), 1e-6);
        Assert.Equal([0, 0, 0], gradient);
    }

    [Fact]
    public void A_logit_that_is_not_a_number_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Categorical(2).Sample([float.NaN, 0], new RandomStream(1), new float[1]));
        Assert.Throws<ArgumentException>(() => new Categorical(2).Sample([0, float.NaN], new RandomStream(1), new float[1]));
    }

    [Fact]
    public void The_number_of_actions_has_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Categorical(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Categorical(4097));
    }
}
