using AkkaRL.Envs.Wrappers;
using CsCheck;

namespace AkkaRL.Envs.Tests;

public class NormalizationTests
{
    private static readonly Gen<float[]> Samples = Gen.Float[-100, 100].Array[1, 50];

    [Fact]
    public void Running_moments_are_those_of_all_samples() => Samples.Sample(samples =>
    {
        var moments = new RunningMoments(1, priorCount: 0);
        foreach (var sample in samples)
            moments.Update([sample]);
        var mean = samples.Average(sample => (double)sample);
        Assert.Equal(mean, moments.Mean[0], 1e-9);
        Assert.Equal(samples.Average(sample => (sample - mean) * (sample - mean)), moments.Variance[0], 1e-8);
        Assert.Equal(samples.Length, moments.Count);
    });

    [Fact]
    public void Merged_moments_are_those_of_both_parts() => Gen.Select(Samples, Samples).Sample((first, second) =>
    {
        var (whole, part, rest) = (new RunningMoments(1), new RunningMoments(1), new RunningMoments(1, priorCount: 0));
        foreach (var sample in first.Concat(second))
            whole.Update(sample);
        foreach (var sample in first)
            part.Update(sample);
        foreach (var sample in second)
            rest.Update(sample);
        part.Merge(rest);
        Assert.Equal(whole.Mean[0], part.Mean[0], 1e-9);
        Assert.Equal(whole.Variance[0], part.Variance[0], 1e-8);
    });

    [Fact]
    public void An_observation_is_counted_before_it_is_normalised()
    {
        using var env = new ObservationNormalization(new StubEnv([[3], [5]]));
        var observation = new float[1];
        env.Reset(1, observation);
        Assert.Equal(0, observation[0], 0.01f); // its own mean, but for the prior
        env.Step([0], observation);
        Assert.Equal(1, observation[0], 0.01f); // mean 4, variance 1
        Assert.Equal(4, env.Moments.Mean[0], 0.001);
    }

    [Fact]
    public void Frozen_statistics_are_used_but_not_changed()
    {
        var moments = new RunningMoments(1);
        moments.Update([10]);
        moments.Update([30]);
        var before = moments.Count;
        using var env = new ObservationNormalization(new StubEnv([[40]]), moments) { Updates = false };
        var observation = new float[1];
        env.Reset(1, observation);
        Assert.Equal(2, observation[0], 0.001f);
        Assert.Equal(before, moments.Count);
    }

    [Fact]
    public void A_normalised_observation_is_clipped()
    {
        using var env = new ObservationNormalization(new StubEnv([[1000]]), clip: 5) { Updates = false };
        var observation = new float[1];
        env.Reset(1, observation);
        Assert.Equal(5, observation[0]);
        Assert.True(env.ObservationSpace.Contains(observation));
    }

    [Fact]
    public void Rewards_are_divided_by_the_deviation_of_the_discounted_return()
    {
        double[] rewards = [1, 2, 3];
        using var env = new RewardNormalization(new StubEnv([[0]], [0, .. rewards]), gamma: 0.5, clip: double.PositiveInfinity);
        var brute = new RunningMoments(1);
        env.Reset(1, new float[1]);
        foreach (var (reward, discounted) in rewards.Zip([1, 2.5, 4.25]))
        {
            brute.Update(discounted);
            Assert.Equal(reward / Math.Sqrt(brute.Variance[0] + 1e-8), env.Step([0], new float[1]).Reward, 1e-9);
            Assert.Equal(reward, env.RawReward);
        }
    }

    [Fact]
    public void The_return_starts_again_with_each_episode()
    {
        using var env = new RewardNormalization(new StubEnv([[0]], [2]), gamma: 1);
        for (var i = 0; i < 3; i++)
        {
            env.Reset(1, new float[1]);
            env.Step([0], new float[1]);
        }
        Assert.Equal(2, env.Moments.Mean[0], 0.001);
    }

    [Fact]
    public void A_restored_normaliser_goes_on_as_the_captured_one()
    {
        static IEnv Make() => new RewardNormalization(new ObservationNormalization(EnvCatalog.BuiltIn.Make("Pendulum-v1")));
        var (env, restored) = (Make(), Make());
        env.Reset(1, new float[3]);
        RandomPlay.Of(env, actionSeed: 1, steps: 30);
        restored.RestoreState(Captured.By(env.CaptureState));
        RandomPlay.AssertSame(env, restored, 300);
    }

    [Fact]
    public void Statistics_of_another_env_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => new RunningMoments(3).Restore(Captured.By(new RunningMoments(2).Capture)));
        Assert.Throws<ArgumentException>(() => new ObservationNormalization(new StubEnv([[0]]), new RunningMoments(2)));
    }
}
