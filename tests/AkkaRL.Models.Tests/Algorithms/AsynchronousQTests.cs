using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>One worker's part of asynchronous one-step Q-learning, one-step Sarsa and n-step Q-learning.</summary>
public class AsynchronousQTests
{
    private const int RolloutSteps = 6, Observation = 3, Actions = 4;

    private static readonly NetworkSpec Spec = DQN.Network(Observation, Actions, dueling: false, new NetworkSettings { Hidden = [8, 7] });

    private static readonly AsynchronousQSettings Settings = new()
    {
        RolloutSteps = RolloutSteps, Gamma = 0.9, RewardScale = 0.5, MaximumGradientNorm = 0, Epsilon = 0.5, FinalEpsilons = [0.5], FinalEpsilonProbabilities = [1],
    };

    public enum Ending
    {
        Terminated,
        Truncated,
        GoesOn,
    }

    public static TheoryData<string, Ending, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, Ending, int>();
            foreach (var algorithm in new[] { "one-step-q", "sarsa", "n-step-q" })
                foreach (var ending in Enum.GetValues<Ending>())
                    foreach (var steps in new[] { 1, 4, RolloutSteps })
                        cases.Add(algorithm, ending, steps);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_a_rollout_is_that_of_its_squared_errors(string algorithm, Ending ending, int steps)
    {
        foreach (var engine in new[] { EngineKind.Fused, EngineKind.Torch })
        {
            var (theta, older) = (Draw(1), Draw(2));
            using var worker = new Worker(algorithm, Settings, engine);
            worker.Algorithm.LoadTarget(older);
            // A rollout before the one that counts: nothing of it may be left.
            worker.Plays(Draw(3), RolloutSteps, Ending.Terminated);
            var rollout = worker.Plays(theta, steps, ending);

            using var scope = NewDisposeScope();
            var leaf = tensor(theta, requires_grad: true);
            var next = Q(tensor(older), rollout.Observations[1..]).data<float>().ToArray().Chunk(Actions).ToArray();
            var y = new double[steps];
            for (var t = steps - 1; t >= 0; t--)
            {
                var isTerminal = ending == Ending.Terminated && t == steps - 1;
                // What a_T was is seen in the next rollout, or else in the one value that fits.
                var value = isTerminal ? 0 : algorithm == "sarsa" ? next[t][t + 1 < steps ? rollout.Actions[t + 1] : worker.ActionAfter(rollout, ending)] : next[t].Max();
                var follows = algorithm == "n-step-q" && t + 1 < steps ? y[t + 1] : value;
                y[t] = 0.5 * rollout.Rewards[t] + 0.9 * follows;
            }
            var q = Q(leaf, rollout.Observations[..steps]).gather(1, tensor(rollout.Actions.Select(a => (long)a).ToArray()).unsqueeze(1)).squeeze(1);
            var loss = 0.5 * (tensor(y, ScalarType.Float32) - q).square().sum();
            loss.backward();

            var expected = leaf.grad!.data<float>().ToArray();
            var scale = expected.Max(MathF.Abs);
            Assert.True(scale > 1e-3);
            for (var i = 0; i < expected.Length; i++)
                Assert.True(MathF.Abs(expected[i] - rollout.Gradient[i]) <= 1e-4 * scale, $"{engine} [{i}]: expected {expected[i]}, not {rollout.Gradient[i]}");
            Assert.Equal(loss.item<float>() / steps, rollout.Losses.Value, 1e-4 * (1 + loss.item<float>()));
            Assert.Equal(Math.Sqrt(expected.Sum(x => (double)x * x)), rollout.Losses.GradientNorm, 1e-3 * scale);
        }
    }

    [Fact]
    public void Sarsa_takes_in_the_next_rollout_the_action_that_it_has_learned_from()
    {
        using var worker = new Worker("sarsa", Settings with { Epsilon = 1, FinalEpsilons = [1] });
        for (var i = 0; i < 50; i++)
        {
            worker.Plays(Draw(1), RolloutSteps, Ending.GoesOn);
            using var state = new MemoryStream(worker.State());
            using var reader = new BinaryReader(state);
            reader.ReadSingle();
            var chosen = reader.ReadInt32();
            Assert.InRange(chosen, 0, Actions - 1);
            Assert.Equal(chosen, worker.Plays(Draw(1), RolloutSteps, Ending.Truncated).Actions[0]);
        }
    }

    [Fact]
    public void A_restored_worker_acts_and_learns_like_the_one_that_was_captured()
    {
        var settings = Settings with { FinalEpsilons = [0.1, 0.2, 0.3, 0.4], FinalEpsilonProbabilities = [0.25, 0.25, 0.25, 0.25] };
        using var first = new Worker("sarsa", settings, seed: 5);
        using var second = new Worker("sarsa", settings, seed: 6);
        first.Plays(Draw(1), RolloutSteps, Ending.GoesOn);
        second.Plays(Draw(1), RolloutSteps, Ending.Terminated); // the env is as far then, the worker is another
        second.Restore(first.State(), first.Random.State);
        var (one, other) = (first.Plays(Draw(2), RolloutSteps, Ending.GoesOn), second.Plays(Draw(2), RolloutSteps, Ending.GoesOn));
        Assert.Equal(one.Actions, other.Actions);
        Assert.Equal(one.Gradient, other.Gradient);
        Assert.Equal(first.Algorithm.FinalEpsilon, second.Algorithm.FinalEpsilon);
    }

    [Fact]
    public void Final_epsilons_are_drawn_as_often_as_they_are_likely()
    {
        const int Draws = 4000;
        var random = new RandomStream(8);
        var settings = new AsynchronousQSettings();
        var drawn = Enumerable.Range(0, Draws).Select(_ =>
        {
            using var worker = OneStepQ.Worker(settings, new FusedNetwork(Spec, 6), new FusedNetwork(Spec, 5), 100, random);
            return worker.FinalEpsilon;
        }).CountBy(epsilon => epsilon).ToDictionary();
        Assert.Equal(0.4, drawn[0.1f] / (double)Draws, 0.03);
        Assert.Equal(0.3, drawn[0.01f] / (double)Draws, 0.03);
        Assert.Equal(0.3, drawn[0.5f] / (double)Draws, 0.03);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10_000, 0.6)]
    [InlineData(20_000, 0.2)]
    [InlineData(90_000, 0.2)]
    public void Epsilon_falls_in_a_straight_line_to_the_workers_own(long globalStep, double epsilon)
    {
        using var worker = new Worker("one-step-q", Settings with { Epsilon = 1, FinalEpsilons = [0.2], ExplorationFraction = 0.2 }, totalSteps: 100_000);
        var theta = Draw(1);
        using var network = new FusedNetwork(Spec, 1);
        network.Load(theta);
        var (greedy, steps) = (0, 0);
        for (var i = 0; i < 700; i++)
        {
            var rollout = worker.Plays(theta, RolloutSteps, Ending.GoesOn, globalStep);
            for (var t = 0; t < RolloutSteps; t++, steps++)
                greedy += rollout.Actions[t] == DQN.Greedy(network.Forward(rollout.Observations[t]), false) ? 1 : 0;
        }
        Assert.Equal(1 - epsilon * (Actions - 1) / Actions, greedy / (double)steps, 0.03);
    }

    [Theory]
    [InlineData("one-step-q")]
    [InlineData("sarsa")]
    [InlineData("n-step-q")]
    public void A_rewarded_action_comes_to_be_worth_its_reward(string algorithm)
    {
        using var worker = new Worker(algorithm, Settings with { Epsilon = 1, FinalEpsilons = [1], Gamma = 0 });
        var theta = Draw(1);
        float[] observation = [0.3f, -0.2f, 0.9f];
        var gradient = new float[theta.Length];
        for (var update = 0; update < 4000; update++)
        {
            worker.Algorithm.Synchronize(theta, RolloutSteps, 0);
            while (!worker.Algorithm.IsRolloutOver)
                worker.Algorithm.Observe(worker.Algorithm.Act(observation, worker.Random)[0] == 2 ? 4 : -2, false, false);
            worker.Algorithm.ComputeGradient(observation, worker.Random, gradient);
            for (var i = 0; i < theta.Length; i++)
                theta[i] -= 0.01f * gradient[i];
        }
        using var network = new FusedNetwork(Spec, 1);
        network.Load(theta);
        float[] expected = [-1, -1, 2, -1];
        Assert.Equal(expected, network.Forward(observation).ToArray(), (a, b) => Math.Abs(a - b) < 0.05);
    }

    [Fact]
    public void The_gradient_is_clipped_by_its_norm()
    {
        using var worker = new Worker("n-step-q", Settings with { MaximumGradientNorm = 0.01 });
        var rollout = worker.Plays(Draw(1), RolloutSteps, Ending.GoesOn);
        Assert.True(rollout.Losses.GradientNorm > 0.01);
        Assert.Equal(0.01, Math.Sqrt(rollout.Gradient.Sum(x => (double)x * x)), 1e-5);
    }

    [Theory]
    [InlineData("one-step-q")]
    [InlineData("sarsa")]
    [InlineData("n-step-q")]
    public void A_rollout_allocates_nothing(string algorithm)
    {
        using var worker = new Worker(algorithm, Settings);
        var (theta, gradient) = (Draw(1), new float[Draw(1).Length]);
        float[] observation = [0.3f, -0.2f, 0.9f];
        for (var i = 0; i < 3; i++)
            Rollout();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Rollout();
        }));

        void Rollout()
        {
            worker.Algorithm.LoadTarget(theta);
            worker.Algorithm.Synchronize(theta, RolloutSteps, 10);
            while (!worker.Algorithm.IsRolloutOver)
            {
                worker.Algorithm.Act(observation, worker.Random);
                worker.Algorithm.Observe(1, false, false);
            }
            worker.Algorithm.ComputeGradient(observation, worker.Random, gradient);
        }
    }

    [Fact]
    public void Networks_with_too_few_rows_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OneStepSarsa.Worker(Settings, new FusedNetwork(Spec, RolloutSteps), new FusedNetwork(Spec, RolloutSteps), 1, new RandomStream(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => OneStepSarsa.Worker(Settings, new FusedNetwork(Spec, RolloutSteps + 1), new FusedNetwork(Spec, RolloutSteps - 1), 1, new RandomStream(1)));
    }

    private static float[] Draw(ulong seed)
    {
        var random = new RandomStream(seed);
        return [.. Enumerable.Range(0, new ParameterLayout(Spec).Count).Select(_ => (float)(0.5 * random.NextNormal()))];
    }

    /// <summary>Q [B, A] in tensors, from the layout alone.</summary>
    private static Tensor Q(Tensor flat, IEnumerable<float[]> observations)
    {
        var h = stack(observations.Select(row => tensor(row)));
        var layers = new ParameterLayout(Spec).Towers[0];
        foreach (var layer in layers)
        {
            h = h.matmul(flat.narrow(0, layer.WeightOffset, layer.Inputs * layer.Outputs).view(layer.Inputs, layer.Outputs)) + flat.narrow(0, layer.BiasOffset, layer.Outputs);
            if (layer != layers[^1])
                h = h.tanh();
        }
        return h;
    }

    /// <summary>A rollout: s_0 to s_T and what followed each, the random numbers as they were before the gradient was computed.</summary>
    private sealed record Played(float[][] Observations, int[] Actions, double[] Rewards, float[] Gradient, ActorCriticLosses Losses, (ulong, ulong, ulong, ulong) RandomBefore);

    private sealed class Worker : IDisposable
    {
        private readonly AsynchronousQSettings settings;
        private readonly RandomStream noise = new(77);

        public Worker(string algorithm, AsynchronousQSettings settings, EngineKind engine = EngineKind.Fused, long totalSteps = 1000, ulong seed = 5)
        {
            (this.settings, Random) = (settings, new RandomStream(seed));
            var (network, target) = (Network(engine), Network(engine));
            Algorithm = algorithm switch
            {
                "one-step-q" => OneStepQ.Worker(settings, network, target, totalSteps, Random),
                "sarsa" => OneStepSarsa.Worker(settings, network, target, totalSteps, Random),
                _ => NStepQ.Worker(settings, network, target, totalSteps, Random),
            };
            Algorithm.LoadTarget(Draw(9));
        }

        public ActionValueWorker Algorithm { get; }

        public RandomStream Random { get; }

        public Played Plays(float[] theta, int steps, Ending ending, long globalStep = 0)
        {
            var (observations, actions, rewards) = (new List<float[]> { Observe() }, new List<int>(), new List<double>());
            Algorithm.Synchronize(theta, ending == Ending.GoesOn ? steps : RolloutSteps, globalStep);
            for (var t = 0; t < steps; t++)
            {
                Assert.False(Algorithm.IsRolloutOver);
                actions.Add((int)Algorithm.Act(observations[^1], Random)[0]);
                rewards.Add(3 * noise.NextNormal());
                observations.Add(Observe());
                Algorithm.Observe(rewards[^1], t == steps - 1 && ending == Ending.Terminated, t == steps - 1 && ending == Ending.Truncated);
            }
            Assert.True(Algorithm.IsRolloutOver);
            var (gradient, before) = (new float[theta.Length], Random.State);
            var losses = Algorithm.ComputeGradient(observations[^1], Random, gradient);
            return new Played([.. observations], [.. actions], [.. rewards], gradient, losses, before);
        }

        /// <summary>a_T of Sarsa: what the same random numbers choose at the end of the rollout.</summary>
        public int ActionAfter(Played rollout, Ending ending)
        {
            Assert.NotEqual(Ending.Terminated, ending);
            var random = new RandomStream(1) { State = rollout.RandomBefore };
            using var network = new FusedNetwork(Spec, 1);
            network.Load(Draw(1));
            return random.NextDouble() < settings.Epsilon ? random.NextInteger(Actions) : DQN.Greedy(network.Forward(rollout.Observations[^1]), false);
        }

        public byte[] State()
        {
            using var bytes = new MemoryStream();
            using var writer = new BinaryWriter(bytes);
            Algorithm.CaptureState(writer);
            return bytes.ToArray();
        }

        public void Restore(byte[] state, (ulong, ulong, ulong, ulong) random)
        {
            using var reader = new BinaryReader(new MemoryStream(state));
            Algorithm.RestoreState(reader);
            Random.State = random;
        }

        public void Dispose() => Algorithm.Dispose();

        private static INetwork Network(EngineKind engine) =>
            engine == EngineKind.Fused ? new FusedNetwork(Spec, RolloutSteps + 1) : new TorchNetwork(Spec, RolloutSteps + 1);

        private float[] Observe() => [.. Enumerable.Range(0, Observation).Select(_ => (float)noise.NextNormal())];
    }
}
