using AkkaRL.Models.Randomness;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Tests.Returns;

public class GeneralizedAdvantageTests
{
    private const float Gamma = 0.5f;

    [Fact]
    public void A_terminated_segment_has_nothing_to_bootstrap_from() =>
        // δ = [1 + 0.5·4 − 2, 1 + 0.5·0 − 4] = [1, −3]; A = [1 + 0.25·(−3), −3].
        Assert.Equal([0.25f, -3], Segment([1, 1], [2, 4], bootstrapValue: 0, lambda: 0.5f));

    [Fact]
    public void A_truncated_segment_bootstraps_from_its_last_value() =>
        // δ = [1 + 0.5·4 − 2, 1 + 0.5·8 − 4] = [1, 1]; A = [1 + 0.25·1, 1].
        Assert.Equal([1.25f, 1], Segment([1, 1], [2, 4], bootstrapValue: 8, lambda: 0.5f));

    [Fact]
    public void Lambda_zero_is_the_one_step_error()
    {
        var (rewards, values) = Draw(20);
        var advantages = Segment(rewards, values, bootstrapValue: 3, lambda: 0);
        for (var t = 0; t < 20; t++)
            Assert.Equal(rewards[t] + Gamma * (t < 19 ? values[t + 1] : 3) - values[t], advantages[t], 1e-6);
    }

    [Fact]
    public void Lambda_one_is_the_n_step_return_minus_the_value()
    {
        var (rewards, values) = Draw(20);
        var returns = new float[20];
        DiscountedReturns.Compute(rewards, 3, Gamma, returns);
        var advantages = Segment(rewards, values, bootstrapValue: 3, lambda: 1);
        for (var t = 0; t < 20; t++)
            Assert.Equal(returns[t] - values[t], advantages[t], 1e-5);
    }

    [Fact]
    public void Every_advantage_equals_the_sum_of_the_definition()
    {
        var (rewards, values) = Draw(30);
        const float Lambda = 0.9f;
        var advantages = Segment(rewards, values, bootstrapValue: -2, Lambda);
        for (var t = 0; t < 30; t++)
            Assert.Equal(ByDefinition(rewards, values, t, 30, -2, Lambda), advantages[t], 1e-5);
    }

    [Fact]
    public void A_termination_inside_a_rollout_stops_the_sum_without_bootstrap()
    {
        // The episode of steps 0 and 1 terminates; step 2 belongs to the next, which goes on after the rollout.
        var advantages = Rollout([1, 1, 1], [2, 4, 6], [false, true, false], [false, false, false], [9, 9, 9], bootstrapValue: 8, lambda: 0.5f);
        Assert.Equal([0.25f, -3, -1], advantages);
    }

    [Fact]
    public void A_truncation_inside_a_rollout_stops_the_sum_and_bootstraps_from_the_final_observation()
    {
        var advantages = Rollout([1, 1, 1], [2, 4, 6], [false, false, false], [false, true, false], [9, 8, 9], bootstrapValue: 8, lambda: 0.5f);
        Assert.Equal([1.25f, 1, -1], advantages);
    }

    [Fact]
    public void A_rollout_whose_last_step_terminated_ignores_the_bootstrap_value() =>
        Assert.Equal([0.25f, -3], Rollout([1, 1], [2, 4], [false, true], [false, false], [9, 9], bootstrapValue: 100, lambda: 0.5f));

    [Fact]
    public void A_rollout_whose_last_step_was_truncated_takes_its_own_final_value() =>
        Assert.Equal([1.25f, 1], Rollout([1, 1], [2, 4], [false, false], [false, true], [9, 8], bootstrapValue: 100, lambda: 0.5f));

    [Fact]
    public void A_step_that_is_terminated_and_truncated_counts_as_terminated() =>
        Assert.Equal([0.25f, -3], Rollout([1, 1], [2, 4], [false, true], [false, true], [9, 8], bootstrapValue: 100, lambda: 0.5f));

    [Fact]
    public void A_rollout_of_many_episodes_equals_the_definition_episode_by_episode()
    {
        const int Steps = 200;
        const float Lambda = 0.95f;
        var (rewards, values) = Draw(Steps);
        var random = new RandomStream(2);
        bool[] terminated = [.. rewards.Select(_ => random.NextInteger(10) == 0)], truncated = [.. rewards.Select(_ => random.NextInteger(10) == 0)];
        float[] finalValues = [.. rewards.Select(_ => (float)random.NextNormal())];

        var advantages = Rollout(rewards, values, terminated, truncated, finalValues, bootstrapValue: 4, Lambda);

        for (var t = 0; t < Steps; t++)
        {
            var last = Enumerable.Range(t, Steps - t).FirstOrDefault(k => terminated[k] || truncated[k], Steps - 1);
            var bootstrap = terminated[last] ? 0 : truncated[last] ? finalValues[last] : 4;
            Assert.Equal(ByDefinition(rewards, values, t, last + 1, bootstrap, Lambda), advantages[t], 1e-5);
        }
    }

    [Fact]
    public void Different_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Segment([1, 2], [1], 0, 1));
        Assert.Throws<ArgumentException>(() => Rollout([1, 2], [1, 2], [false], [false, false], [0, 0], 0, 1));
        Assert.Throws<ArgumentException>(() => Rollout([1, 2], [1, 2], [false, false], [false, false], [0], 0, 1));
    }

    /// <summary>Equation 16's sum of TD errors, from step t to the segment's end.</summary>
    private static double ByDefinition(float[] rewards, float[] values, int t, int end, double bootstrapValue, double lambda)
    {
        var sum = 0.0;
        for (var k = t; k < end; k++)
        {
            var next = k + 1 < end ? values[k + 1] : bootstrapValue;
            sum += Math.Pow(Gamma * lambda, k - t) * (rewards[k] + Gamma * next - values[k]);
        }
        return sum;
    }

    private static float[] Segment(float[] rewards, float[] values, float bootstrapValue, float lambda)
    {
        var advantages = new float[rewards.Length];
        GeneralizedAdvantage.Compute(rewards, values, bootstrapValue, Gamma, lambda, advantages);
        return advantages;
    }

    private static float[] Rollout(
        float[] rewards, float[] values, bool[] terminated, bool[] truncated, float[] finalValues, float bootstrapValue, float lambda)
    {
        var advantages = new float[rewards.Length];
        GeneralizedAdvantage.Compute(rewards, values, terminated, truncated, finalValues, bootstrapValue, Gamma, lambda, advantages);
        return advantages;
    }

    private static (float[] Rewards, float[] Values) Draw(int steps)
    {
        var random = new RandomStream(1);
        return (Normal(), Normal());

        float[] Normal() => [.. Enumerable.Range(0, steps).Select(_ => (float)random.NextNormal())];
    }
}
