using AkkaRL.Models.Randomness;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Tests.Returns;

public class VTraceTests
{
    private const float Gamma = 0.5f;

    private static readonly VTraceFactors Plain = new(Gamma, 1, 1, 1);

    [Fact]
    public void A_terminated_segment_has_nothing_to_bootstrap_from()
    {
        // Weights [0.5, 4], truncated to [0.5, 1]: v_1 = 4 + (1 − 4) = 1; v_0 = 2 + 0.5·(1 + 0.5·4 − 2) + 0.5·0.5·(1 − 4).
        var (targets, advantages) = Segment([1, 1], [2, 4], [0.5f, 4], bootstrapValue: 0, Plain);
        Assert.Equal([1.75f, 1], targets);
        Assert.Equal([0.5f * (1 + 0.5f * 1 - 2), 1 - 4], advantages);
    }

    [Fact]
    public void A_truncated_segment_bootstraps_from_its_last_value()
    {
        // v_1 = 4 + (1 + 0.5·8 − 4) = 5; v_0 = 2 + 0.5·(1 + 0.5·4 − 2) + 0.5·0.5·(5 − 4).
        var (targets, advantages) = Segment([1, 1], [2, 4], [0.5f, 4], bootstrapValue: 8, Plain);
        Assert.Equal([2.75f, 5], targets);
        Assert.Equal([0.5f * (1 + 0.5f * 5 - 2), 1 + 0.5f * 8 - 4], advantages);
    }

    [Fact]
    public void With_equal_policies_it_equals_the_n_step_return()
    {
        var (rewards, values, _) = Draw(30);
        var (targets, advantages) = Segment(rewards, values, [.. Enumerable.Repeat(1f, 30)], bootstrapValue: 3, Plain);
        var returns = new float[30];
        DiscountedReturns.Compute(rewards, 3, Gamma, returns);
        for (var t = 0; t < 30; t++)
        {
            Assert.Equal(returns[t], targets[t], 1e-5);
            Assert.Equal(returns[t] - values[t], advantages[t], 1e-5);
        }
    }

    [Fact]
    public void With_equal_policies_and_lambda_its_targets_are_the_generalized_advantage_over_the_value()
    {
        var (rewards, values, _) = Draw(30);
        var (targets, _) = Segment(rewards, values, [.. Enumerable.Repeat(1f, 30)], bootstrapValue: 3, Plain with { Lambda = 0.9f });
        var advantages = new float[30];
        GeneralizedAdvantage.Compute(rewards, values, 3, Gamma, 0.9f, advantages);
        for (var t = 0; t < 30; t++)
            Assert.Equal(values[t] + advantages[t], targets[t], 1e-5);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0.9, 1, 1)]
    [InlineData(1, 2, 0.7)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1e9, 1e9)]
    public void Every_target_and_advantage_equals_the_sum_of_the_paper(double lambda, double maximumWeight, double maximumTraceWeight)
    {
        var (rewards, values, weights) = Draw(30);
        var factors = new VTraceFactors(Gamma, (float)lambda, (float)maximumWeight, (float)maximumTraceWeight);
        var (targets, advantages) = Segment(rewards, values, weights, bootstrapValue: -2, factors);
        for (var s = 0; s < 30; s++)
            AssertByDefinition(rewards, values, weights, s, 30, -2, factors, targets, advantages);
    }

    [Fact]
    public void A_rollout_of_many_episodes_equals_the_definition_episode_by_episode()
    {
        const int Steps = 200;
        var (rewards, values, weights) = Draw(Steps);
        var random = new RandomStream(2);
        bool[] terminated = [.. rewards.Select(_ => random.NextInteger(10) == 0)], truncated = [.. rewards.Select(_ => random.NextInteger(10) == 0)];
        float[] finalValues = [.. rewards.Select(_ => (float)random.NextNormal())];
        var (targets, advantages) = (new float[Steps], new float[Steps]);

        VTrace.Compute(rewards, values, weights, terminated, truncated, finalValues, 4, Plain, targets, advantages);

        Assert.Contains(Enumerable.Range(0, Steps), t => terminated[t] && truncated[t]);
        for (var s = 0; s < Steps; s++)
        {
            var last = Enumerable.Range(s, Steps - s).FirstOrDefault(k => terminated[k] || truncated[k], Steps - 1);
            var bootstrap = terminated[last] ? 0 : truncated[last] ? finalValues[last] : 4;
            AssertByDefinition(rewards, values, weights, s, last + 1, bootstrap, Plain, targets, advantages);
        }
    }

    [Fact]
    public void Different_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Segment([1, 2], [1], [1, 1], 0, Plain));
        Assert.Throws<ArgumentException>(() => Segment([1, 2], [1, 1], [1], 0, Plain));
        Assert.Throws<ArgumentException>(() => VTrace.Compute([1], [1], [1], [false], [], [0], 0, Plain, new float[1], new float[1]));
    }

    /// <summary>Equation 1, term by term, with v_{s+1} from it too.</summary>
    private static void AssertByDefinition(
        float[] rewards, float[] values, float[] weights, int s, int end, double bootstrapValue, VTraceFactors factors, float[] targets, float[] advantages)
    {
        Assert.Equal(Target(s), targets[s], 1e-3 * (1 + Math.Abs(Target(s))));
        var advantage = Rho(s) * (rewards[s] + Gamma * (s + 1 < end ? Target(s + 1) : bootstrapValue) - values[s]);
        Assert.Equal(advantage, advantages[s], 1e-3 * (1 + Math.Abs(advantage)));

        double Rho(int t) => Math.Min(factors.MaximumWeight, weights[t]);

        double Value(int t) => t < end ? values[t] : bootstrapValue;

        double Target(int from)
        {
            var sum = (double)values[from];
            for (var t = from; t < end; t++)
            {
                var product = Math.Pow(Gamma, t - from) * Rho(t) * (rewards[t] + Gamma * Value(t + 1) - values[t]);
                for (var i = from; i < t; i++)
                    product *= factors.Lambda * Math.Min(factors.MaximumTraceWeight, weights[i]);
                sum += product;
            }
            return sum;
        }
    }

    private static (float[] Targets, float[] Advantages) Segment(float[] rewards, float[] values, float[] weights, float bootstrapValue, VTraceFactors factors)
    {
        var (targets, advantages) = (new float[rewards.Length], new float[rewards.Length]);
        VTrace.Compute(rewards, values, weights, bootstrapValue, factors, targets, advantages);
        return (targets, advantages);
    }

    private static (float[] Rewards, float[] Values, float[] Weights) Draw(int steps)
    {
        var random = new RandomStream(1);
        return (Normal(), Normal(), [.. Normal().Select(MathF.Exp)]);

        float[] Normal() => [.. Enumerable.Range(0, steps).Select(_ => (float)random.NextNormal())];
    }
}
