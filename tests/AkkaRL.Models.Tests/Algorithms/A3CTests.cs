using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>A3C on literal rollouts whose logits and values a test chooses, and on a real network.</summary>
public class A3CTests
{
    private const int Actions = 2;
    private static readonly A3CSettings Plain = new() { RolloutSteps = 3, Gamma = 0.5, ValueCoefficient = 1, MaximumGradientNorm = 0 };

    [Fact]
    public void A_rollout_that_goes_on_bootstraps_from_the_value_of_the_next_observation() =>
        // R = 1 + ½ (1 + ½ (1 + ½ · 8)), and its tails.
        Assert.Equal([2.75f - 1, 3.5f - 2, 5 - 3], Advantages(Plain, [1, 1, 1], [1, 2, 3], next: 8), Close);

    [Fact]
    public void A_truncated_episode_bootstraps_from_its_final_observation() =>
        Assert.Equal([2.75f - 1, 3.5f - 2, 5 - 3], Advantages(Plain, [1, 1, 1], [1, 2, 3], next: 8, truncated: true), Close);

    [Fact]
    public void A_terminated_episode_does_not_bootstrap() =>
        Assert.Equal([1.75f - 1, 1.5f - 2, 1 - 3], Advantages(Plain, [1, 1, 1], [1, 2, 3], next: 8, terminated: true), Close);

    [Fact]
    public void Termination_at_the_time_limit_is_termination() =>
        Assert.Equal(
            [1.75f - 1, 1.5f - 2, 1 - 3],
            Advantages(Plain, [1, 1, 1], [1, 2, 3], next: 8, terminated: true, truncated: true), Close);

    [Fact]
    public void A_terminated_episode_does_not_even_look_at_its_final_observation() =>
        Assert.Equal([1.75f - 1, 1.5f - 2, 1 - 3], Advantages(Plain, [1, 1, 1], [1, 2, 3], next: float.NaN, terminated: true), Close);

    [Fact]
    public void Lambda_of_zero_looks_one_step_ahead() =>
        Assert.Equal([1 + 1 - 1, 1 + 1.5f - 2, 1 + 4 - 3], Advantages(Plain with { GaeLambda = 0 }, [1, 1, 1], [1, 2, 3], next: 8), Close);

    [Theory]
    [InlineData(1)]
    [InlineData(0.9)]
    [InlineData(0.3)]
    [InlineData(0)]
    public void Advantages_are_the_weighted_means_of_the_n_step_advantages(double lambda)
    {
        var random = new RandomStream(17);
        foreach (var steps in new[] { 1, 2, 5, 20 })
            foreach (var terminated in new[] { false, true })
            {
                var settings = Plain with { RolloutSteps = steps, Gamma = 0.93, GaeLambda = lambda };
                var rewards = Enumerable.Range(0, steps).Select(_ => random.NextNormal()).ToArray();
                var values = Enumerable.Range(0, steps).Select(_ => (float)random.NextNormal()).ToArray();
                var next = (float)random.NextNormal();
                var expected = Enumerable.Range(0, steps).Select(t => (float)NaiveA3C.Advantage(
                    rewards, [.. values.Select(v => (double)v)], terminated ? 0 : next, t, settings.Gamma, lambda));
                Assert.Equal([.. expected], Advantages(settings, rewards, values, next, terminated), Close);
            }
    }

    [Fact]
    public void Rewards_are_scaled_before_anything_else() =>
        Assert.Equal(
            Advantages(Plain, [10, -20, 30], [1, 2, 3], next: 8),
            Advantages(Plain with { RewardScale = 10 }, [1, -2, 3], [1, 2, 3], next: 8));

    [Fact]
    public void The_value_coefficient_weighs_the_value_gradient_alone()
    {
        var (single, _) = Play(Plain, [1, 1, 1], [1, 2, 3], next: 8);
        var (triple, _) = Play(Plain with { ValueCoefficient = 3 }, [1, 1, 1], [1, 2, 3], next: 8);
        for (var i = 0; i < single.Length; i++)
            Assert.Equal(single[i] * (i % (Actions + 1) == Actions ? 3 : 1), triple[i], 1e-6f);
    }

    [Fact]
    public void The_reported_losses_are_means_over_the_steps()
    {
        var (_, losses) = Play(Plain with { EntropyCoefficient = 0.25 }, [1, 1, 1], [1, 2, 3], next: 8);
        // The scripted logits are equal: each action has log ½ and the entropy is log 2.
        Assert.Equal((1.75 + 1.5 + 2) / 3 * Math.Log(2), losses.Policy, 1e-6);
        Assert.Equal((1.75 * 1.75 + 1.5 * 1.5 + 4) / 6, losses.Value, 1e-6);
        Assert.Equal(Math.Log(2), losses.Entropy, 1e-6);
    }

    [Fact]
    public void The_norm_is_reported_before_clipping_and_the_gradient_has_the_norm_allowed()
    {
        var gradient = new float[9];
        var network = new ScriptedActorCritic(Actions, 4);
        var losses = Play(network, Plain with { MaximumGradientNorm = 0.5 }, gradient);
        Assert.Equal(3, losses.GradientNorm, 1e-6); // nine ones
        Assert.Equal(0.5, Norm(gradient), 1e-6);

        Play(network, Plain with { MaximumGradientNorm = 5 }, gradient);
        Assert.Equal(3, Norm(gradient), 1e-6);
    }

    [Fact]
    public void A_maximum_norm_of_zero_clips_nothing()
    {
        var gradient = new float[9];
        var losses = Play(new ScriptedActorCritic(Actions, 4), Plain with { MaximumGradientNorm = 0 }, gradient);
        Assert.Equal(3, losses.GradientNorm, 1e-6);
        Assert.All(gradient, element => Assert.Equal(1, element));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_reward_that_is_not_finite_shows_in_the_norm(double reward)
    {
        using var worker = new Worker(Plain with { MaximumGradientNorm = 0.5 });
        var losses = worker.Rollout(_ => reward);
        Assert.False(double.IsFinite(losses.GradientNorm));
    }

    [Fact]
    public void Parameters_that_are_not_numbers_never_give_a_finite_gradient()
    {
        using var worker = new Worker(Plain);
        worker.Parameters[worker.Layout.Towers[0][^1].WeightOffset + Actions] = float.NaN; // the value's column: actions can still be drawn
        Assert.False(double.IsFinite(worker.Rollout(_ => 1).GradientNorm));
    }

    [Fact]
    public void A_rewarded_action_gets_likelier()
    {
        using var worker = new Worker(Plain with { RolloutSteps = 20, Gamma = 0 });
        var before = worker.ProbabilityOf(1);
        for (var update = 0; update < 30; update++)
        {
            worker.Rollout(action => action == 1 ? 1 : -1);
            worker.Descend(0.02f);
        }
        Assert.True(worker.ProbabilityOf(1) > before + 0.1, $"π(1) went from {before} to {worker.ProbabilityOf(1)}.");
    }

    [Fact]
    public void The_value_approaches_the_return()
    {
        using var worker = new Worker(Plain with { RolloutSteps = 20, Gamma = 0 });
        for (var update = 0; update < 200; update++)
        {
            worker.Rollout(_ => 2);
            worker.Descend(0.005f);
        }
        Assert.Equal(2, worker.Value(), 0.2);
    }

    [Fact]
    public void An_entropy_bonus_alone_makes_the_policy_more_even()
    {
        using var worker = new Worker(Plain with { RolloutSteps = 20, EntropyCoefficient = 1, ValueCoefficient = 0, Gamma = 0 });
        worker.Parameters[worker.Layout.Towers[0][^1].BiasOffset] = 1.5f; // π(0) is about 0.8
        var before = worker.Entropy();
        // The reward equals the value, so the advantage is zero and entropy is all there is.
        var value = worker.Value();
        worker.Rollout(_ => value);
        worker.Descend(0.01f);
        Assert.True(worker.Entropy() > before, $"The entropy went from {before} to {worker.Entropy()}.");
    }

    [Fact]
    public void A_rollout_may_be_granted_fewer_steps_than_its_maximum()
    {
        using var worker = new Worker(Plain with { RolloutSteps = 20 });
        worker.A3C.Synchronize(worker.Parameters, 4);
        for (var t = 0; t < 4; t++)
        {
            Assert.False(worker.A3C.IsRolloutOver);
            worker.A3C.Act(worker.Observation, worker.Random);
            worker.A3C.Observe(1, terminated: false, truncated: false);
        }
        Assert.True(worker.A3C.IsRolloutOver);
        Assert.False(worker.A3C.EpisodeEnded);
        Assert.Equal(4, worker.A3C.Steps);
    }

    [Fact]
    public void A_grant_above_the_maximum_is_cut_to_it()
    {
        using var worker = new Worker(Plain);
        worker.A3C.Synchronize(worker.Parameters, 100);
        for (var t = 0; t < Plain.RolloutSteps; t++)
        {
            worker.A3C.Act(worker.Observation, worker.Random);
            worker.A3C.Observe(1, terminated: false, truncated: false);
        }
        Assert.True(worker.A3C.IsRolloutOver);
    }

    [Fact]
    public void The_network_needs_a_row_for_the_bootstrap() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new A3C(Plain, new ScriptedActorCritic(Actions, Plain.RolloutSteps), new Categorical(Actions)));

    [Fact]
    public void The_network_must_be_an_actor_critic_of_the_policy() =>
        Assert.Throws<ArgumentException>(() => new A3C(Plain, new ScriptedActorCritic(Actions, 4), new Categorical(Actions + 1)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rollout_allocates_nothing(bool continuous)
    {
        using var worker = new Worker(Plain with { RolloutSteps = 20, EntropyCoefficient = 0.01, MaximumGradientNorm = 0.5 }, continuous);
        for (var i = 0; i < 3; i++)
            worker.Rollout(Reward);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                worker.Rollout(Reward);
        }));

        static double Reward(float action) => action;
    }

    /// <summary>R − V of each step, read off the gradient of the value.</summary>
    private static float[] Advantages(
        A3CSettings settings, double[] rewards, float[] values, float next, bool terminated = false, bool truncated = false) =>
        [.. Play(settings, rewards, values, next, terminated, truncated).OutputGradients.Chunk(Actions + 1).Select(row => -row[Actions])];

    private static (float[] OutputGradients, ActorCriticLosses Losses) Play(
        A3CSettings settings, double[] rewards, float[] values, float next, bool terminated = false, bool truncated = false)
    {
        using var network = new ScriptedActorCritic(Actions, rewards.Length + 1);
        var a3c = new A3C(settings, network, new Categorical(Actions));
        a3c.Synchronize(new float[9], settings.RolloutSteps);
        for (var t = 0; t < rewards.Length; t++)
        {
            a3c.Act([0, 0, values[t]], new RandomStream(1));
            var last = t == rewards.Length - 1;
            a3c.Observe(rewards[t], last && terminated, last && truncated);
        }
        var losses = a3c.ComputeGradient([0, 0, next], new RandomStream(1), new float[9]);
        return (network.OutputGradients, losses);
    }

    private static ActorCriticLosses Play(ScriptedActorCritic network, A3CSettings settings, float[] gradient)
    {
        var a3c = new A3C(settings, network, new Categorical(Actions));
        a3c.Synchronize(gradient, 1);
        a3c.Act([0, 0, 0], new RandomStream(1));
        a3c.Observe(1, terminated: true, truncated: false);
        return a3c.ComputeGradient([0, 0, 0], new RandomStream(1), gradient);
    }

    private static bool Close(float a, float b) => Math.Abs(a - b) <= 1e-5f;

    private static double Norm(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));

    /// <summary>A worker on an env of one observation that never ends.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly FusedNetwork network;
        private readonly PolicyDistribution policy;
        private readonly A3CSettings settings;
        private readonly float[] gradient;

        public Worker(A3CSettings settings, bool continuous = false)
        {
            this.settings = settings;
            policy = continuous ? new DiagonalGaussian(Actions) : new Categorical(Actions);
            var spec = NetworkSpec.ActorCritic(3, policy.HeadSize, policy.ConstantSize, [16, 16], Activation.Tanh, sharedTrunk: true);
            network = new FusedNetwork(spec, settings.RolloutSteps + 1);
            Parameters = new float[network.Layout.Count];
            gradient = new float[network.Layout.Count];
            NetworkInitializer.Initialize(spec, Random, Parameters);
            A3C = new A3C(settings, network, policy);
        }

        public A3C A3C { get; }
        public RandomStream Random { get; } = new(23);
        public float[] Parameters { get; }
        public float[] Observation { get; } = [0.5f, -1f, 0.25f];
        public ParameterLayout Layout => network.Layout;

        public ActorCriticLosses Rollout(Func<float, double> reward)
        {
            A3C.Synchronize(Parameters, settings.RolloutSteps);
            while (!A3C.IsRolloutOver)
                A3C.Observe(reward(A3C.Act(Observation, Random)[0]), terminated: false, truncated: false);
            return A3C.ComputeGradient(Observation, Random, gradient);
        }

        public void Descend(float learningRate)
        {
            for (var i = 0; i < gradient.Length; i++)
                Parameters[i] -= learningRate * gradient[i];
        }

        public double ProbabilityOf(int action) => Math.Exp(policy.LogProbability(Outputs().AsSpan(0, Actions), [action]));

        public double Entropy() => policy.Entropy(Outputs().AsSpan(0, Actions));

        public double Value() => Outputs()[Actions];

        public void Dispose() => network.Dispose();

        private float[] Outputs()
        {
            network.Load(Parameters);
            return network.Forward(Observation).ToArray();
        }
    }
}
