using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Tests.Returns;

public class DiscountedReturnsTests
{
    [Fact]
    public void A_terminated_segment_has_nothing_to_bootstrap_from() =>
        Assert.Equal([1.75f, 1.5f, 1], Compute([1, 1, 1], bootstrapValue: 0, gamma: 0.5f));

    [Fact]
    public void A_truncated_segment_bootstraps_from_its_last_value() =>
        Assert.Equal([2.75f, 3.5f, 5], Compute([1, 1, 1], bootstrapValue: 8, gamma: 0.5f));

    [Fact]
    public void Every_return_equals_the_sum_of_the_definition()
    {
        var random = new Randomness.RandomStream(1);
        float[] rewards = [.. Enumerable.Range(0, 50).Select(_ => (float)random.NextNormal())];
        const double Gamma = 0.97f;
        var returns = Compute(rewards, 3, 0.97f);
        for (var t = 0; t < 50; t++)
        {
            var expected = Math.Pow(Gamma, 50 - t) * 3;
            for (var k = t; k < 50; k++)
                expected += Math.Pow(Gamma, k - t) * rewards[k];
            Assert.Equal(expected, returns[t], 1e-4);
        }
    }

    [Fact]
    public void Returns_may_take_the_place_of_the_rewards()
    {
        float[] both = [1, 1, 1];
        DiscountedReturns.Compute(both, 8, 0.5f, both);
        Assert.Equal([2.75f, 3.5f, 5], both);
    }

    [Fact]
    public void An_empty_segment_has_no_returns_and_different_lengths_are_refused()
    {
        Assert.Empty(Compute([], 5, 0.5f));
        Assert.Throws<ArgumentException>(() => DiscountedReturns.Compute(new float[3], 0, 1, new float[2]));
    }

    private static float[] Compute(float[] rewards, float bootstrapValue, float gamma)
    {
        var returns = new float[rewards.Length];
        DiscountedReturns.Compute(rewards, bootstrapValue, gamma, returns);
        return returns;
    }
}
