using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Synchronous;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Actors.Tests.Synchronous;

/// <summary>Two workers with two envs each, observations of two floats, rollouts of three steps.</summary>
public class RolloutNormalizationTests
{
    private static readonly RolloutSettings Settings = new() { EnvsPerWorker = 2, RolloutSteps = 3, Gamma = 0.5, NormalizeRewards = true, NormalizeObservations = true };

    [Fact]
    public void Rewards_are_divided_by_the_deviation_of_the_discounted_return_so_far()
    {
        var normalization = new RolloutNormalization(Settings, 2, workers: 2);
        var first = Rollout([1, 2, 3], [4, 5, 6]);
        var second = Rollout([7, 8, 9], [1, 1, 1]);
        first.Terminated[1] = true; // of the first env
        first.Truncated[5] = true; // of the second
        normalization.ScaleRewards(0, first);
        normalization.ScaleRewards(0, second);

        var returns = new List<double>();
        var open = new double[2];
        Expect(first, [1, 2, 3, 4, 5, 6], ends: [1, 5]);
        Expect(second, [7, 8, 9, 1, 1, 1], ends: []);

        void Expect(Rollout rollout, double[] rewards, int[] ends)
        {
            for (var row = 0; row < rewards.Length; row++)
            {
                var env = row / 3;
                returns.Add(open[env] = 0.5 * open[env] + rewards[row]);
                Assert.Equal(Math.Clamp(rewards[row] / Math.Sqrt(Variance(returns) + 1e-8), -10, 10), rollout.Rewards[row], 1e-3);
                if (ends.Contains(row))
                    open[env] = 0;
            }
        }
    }

    [Fact]
    public void Rewards_are_scaled_alone_where_they_are_not_normalised()
    {
        var rollout = Rollout([1, 2, 3], [4, 5, 6]);
        new RolloutNormalization(Settings with { NormalizeRewards = false, RewardScale = 2 }, 2, workers: 1).ScaleRewards(0, rollout);
        Assert.Equal([2, 4, 6, 8, 10, 12], rollout.Rewards);
    }

    [Fact]
    public void A_worker_that_begins_anew_loses_its_open_returns_and_no_other_does()
    {
        var (one, other) = (new RolloutNormalization(Settings, 2, workers: 2), new RolloutNormalization(Settings, 2, workers: 2));
        foreach (var normalization in (RolloutNormalization[])[one, other])
            for (var worker = 0; worker < 2; worker++)
                normalization.ScaleRewards(worker, Rollout([1, 2, 3], [4, 5, 6]));
        one.Forget(0);
        Assert.Equal(Scaled(other, worker: 1), Scaled(one, worker: 1));
        Assert.NotEqual(Scaled(other, worker: 0), Scaled(one, worker: 0));
    }

    [Fact]
    public void A_batch_is_normalised_by_what_was_known_before_it_and_counts_from_the_next_on()
    {
        var normalization = new RolloutNormalization(Settings, 2, workers: 1);
        var (first, second) = (Batch(1, 2, 3, 4, 5, 6), Batch(1, 2, 3, 4, 5, 6));
        normalization.Normalize(first);
        normalization.Normalize(second);
        Assert.Equal([1, 2, 3, 4, 5, 6], first.Observations[..6], (a, b) => Math.Abs(a - b) < 1e-5);
        // Means 3 and 4, variance 8/3.
        var deviation = Math.Sqrt(8.0 / 3);
        Assert.Equal([(float)(-2 / deviation), (float)(-2 / deviation), 0, 0, (float)(2 / deviation), (float)(2 / deviation)],
            second.Observations[..6], (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void The_folded_network_says_of_raw_observations_what_the_learners_says_of_normalised_ones()
    {
        var normalization = new RolloutNormalization(Settings, 2, workers: 1);
        normalization.Normalize(Batch(1, -20, 3, 40, 5, 6));
        var spec = new NetworkSpec(2, Activation.Tanh, [new TowerSpec([5], [new HeadSpec("out", 3, 1)])]);
        var layout = new ParameterLayout(spec);
        var (parameters, folded) = (new float[layout.Count], new float[layout.Count]);
        NetworkInitializer.Initialize(spec, new RandomStream(3), parameters);
        normalization.Fold(layout, parameters, folded);
        var batch = Batch(2, -10, 4, 30, 1, 1);
        var raw = batch.Observations[..6];
        normalization.Normalize(batch);

        Assert.Equal(Outputs(parameters, batch.Observations[..6]), Outputs(folded, raw), (a, b) => Math.Abs(a - b) < 1e-4);

        float[] Outputs(float[] theta, float[] observations)
        {
            using var network = new FusedNetwork(spec, 3);
            network.Load(theta);
            return network.Forward(observations).ToArray();
        }
    }

    [Fact]
    public void What_is_captured_goes_on_as_the_captured_would_have()
    {
        var (before, after, state) = (new RolloutNormalization(Settings, 2, workers: 2), new RolloutNormalization(Settings, 2, workers: 2), new RunState());
        before.ScaleRewards(1, Rollout([1, 2, 3], [4, 5, 6]));
        before.Normalize(Batch(1, 2, 3, 4, 5, 6));
        before.Capture(state);
        after.ScaleRewards(0, Rollout([9, 9, 9], [9, 9, 9]));
        after.Restore(state);
        Assert.Equal(Scaled(before, worker: 1), Scaled(after, worker: 1));
        var (one, other) = (Batch(6, 5, 4, 3, 2, 1), Batch(6, 5, 4, 3, 2, 1));
        before.Normalize(one);
        after.Normalize(other);
        Assert.Equal(one.Observations, other.Observations);

        after.Restore(null);
        Assert.Equal(Scaled(new RolloutNormalization(Settings, 2, workers: 2), worker: 0), Scaled(after, worker: 0));
    }

    private static float[] Scaled(RolloutNormalization normalization, int worker)
    {
        var rollout = Rollout([1, 1, 1], [2, 2, 2]);
        normalization.ScaleRewards(worker, rollout);
        return rollout.Rewards;
    }

    private static double Variance(List<double> values) => values.Average(value => Math.Pow(value - values.Average(), 2));

    private static Rollout Rollout(float[] first, float[] second)
    {
        var rollout = new Rollout(2, 3, 2, 1, 2);
        (rollout.Steps[0], rollout.Steps[1]) = (3, 3);
        first.CopyTo(rollout.Rewards, 0);
        second.CopyTo(rollout.Rewards, 3);
        return rollout;
    }

    private static RolloutBatch Batch(params float[] observations)
    {
        var rollout = new Rollout(1, 3, 2, 1, 2);
        rollout.Steps[0] = 3;
        observations.CopyTo(rollout.Observations, 0);
        var batch = new RolloutBatch(3, 2, 1, 2);
        batch.Append(rollout);
        return batch;
    }
}
