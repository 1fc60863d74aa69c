using AkkaRL.Models.Distributions;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Distributions;

/// <summary>Several choices at once against one categorical over all of their combinations, written out.</summary>
public class MultiCategoricalTests
{
    private static readonly int[] Counts = [3, 2, 4];
    private static readonly MultiCategorical Distribution = new([.. Counts]);

    private static IEnumerable<float[]> Combinations =>
        from a in Enumerable.Range(0, 3) from b in Enumerable.Range(0, 2) from c in Enumerable.Range(0, 4) select new float[] { a, b, c };

    [Fact]
    public void Log_probabilities_entropy_and_divergence_are_those_of_the_combinations()
    {
        var random = new RandomStream(1);
        for (var trial = 0; trial < 20; trial++)
        {
            var (old, now) = (Logits(random), Logits(random));
            double[] p = [.. Combinations.Select(action => Probability(old, action))], q = [.. Combinations.Select(action => Probability(now, action))];
            Assert.Equal(1, p.Sum(), 1e-9);
            foreach (var (action, probability) in Combinations.Zip(p))
                Assert.Equal(Math.Log(probability), Distribution.LogProbability(old, action), 1e-5);
            Assert.Equal(-p.Sum(x => x * Math.Log(x)), Distribution.Entropy(old), 1e-5);
            Assert.Equal(p.Zip(q, (x, y) => x * Math.Log(x / y)).Sum(), Distribution.AddDivergenceGradient(old, now, 1, new float[9]), 1e-5);
        }
    }

    [Fact]
    public void The_divergence_s_gradient_equals_finite_differences_and_is_added()
    {
        const float Step = 1e-2f;
        var random = new RandomStream(2);
        var (old, now) = (Logits(random), Logits(random));
        var gradient = new float[9];
        Array.Fill(gradient, 5);
        Distribution.AddDivergenceGradient(old, now, 2, gradient);
        for (var i = 0; i < 9; i++)
        {
            float[] above = [.. now], below = [.. now];
            (above[i], below[i]) = (now[i] + Step, now[i] - Step);
            var slope = (Distribution.AddDivergenceGradient(old, above, 1, new float[9]) - Distribution.AddDivergenceGradient(old, below, 1, new float[9])) / (2 * Step);
            Assert.Equal(5 + 2 * slope, gradient[i], 2e-3);
        }
    }

    [Fact]
    public void Combinations_are_drawn_as_often_as_they_are_likely()
    {
        const int Draws = 100_000;
        var random = new RandomStream(3);
        var (logits, action) = (Logits(random), new float[3]);
        var counts = Combinations.ToDictionary(combination => string.Join(' ', combination), _ => 0);
        for (var i = 0; i < Draws; i++)
        {
            Distribution.Sample(logits, random, action);
            counts[string.Join(' ', action)]++;
        }
        foreach (var combination in Combinations)
        {
            var p = Probability(logits, combination);
            Assert.Equal(p, (double)counts[string.Join(' ', combination)] / Draws, 5 * Math.Sqrt(p * (1 - p) / Draws)); // five standard errors, of 24
        }
    }

    [Fact]
    public void The_mode_is_the_likeliest_combination()
    {
        var random = new RandomStream(4);
        var mode = new float[3];
        for (var trial = 0; trial < 50; trial++)
        {
            var logits = Logits(random);
            Distribution.Mode(logits, mode);
            Assert.Equal(Combinations.MaxBy(action => Probability(logits, action)), mode);
        }
    }

    [Fact]
    public void Components_have_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiCategorical([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiCategorical([3, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiCategorical([4097]));
    }

    private static float[] Logits(RandomStream random) => [.. Enumerable.Range(0, 9).Select(_ => (float)random.NextNormal())];

    private static double Probability(float[] logits, float[] action)
    {
        var (first, product) = (0, 1.0);
        for (var i = 0; i < Counts.Length; i++)
        {
            product *= Math.Exp(logits[first + (int)action[i]]) / logits.Skip(first).Take(Counts[i]).Sum(logit => Math.Exp(logit));
            first += Counts[i];
        }
        return product;
    }
}
