using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>Workers of each shape take no action that a mask does not allow, and what they learn does not speak of one.</summary>
public class MaskedActingTests
{
    private const int Actions = 4;

    private static readonly float[] Observation = [0.3f];

    private static readonly NetworkSpec Values = DQN.Network(1, Actions, dueling: false, new NetworkSettings { Hidden = [] });

    public static TheoryData<string> Algorithms => ["one-step-q", "sarsa", "n-step-q"];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Asynchronous_targets_bootstrap_from_allowed_actions_alone(string algorithm)
    {
        // Q(s, a) and Q⁻(s, a) are biases: the best action, 3, is allowed in no state, and 1 is the best of those that are.
        var settings = new AsynchronousQSettings { RolloutSteps = 3, Gamma = 0.5, Epsilon = 0, FinalEpsilons = [0], FinalEpsilonProbabilities = [1], MaximumGradientNorm = 0 };
        using var worker = Worker(algorithm, settings);
        worker.LoadTarget(Biases(10, 20, -5, 100));
        worker.Synchronize(Biases(1, 2, 0, 9), 3, 0);
        for (var t = 0; t < 3; t++)
        {
            Assert.Equal(1, worker.Act(Observation, new RandomStream(1), [true, true, false, false])[0]);
            worker.Observe(t, terminated: false, truncated: false);
        }
        // After the last step 0 alone is allowed, where Q⁻ is 10.
        var losses = worker.ComputeGradient(Observation, new RandomStream(1), new float[2 * Actions], [true, false, false, false]);

        double[] targets = algorithm == "n-step-q" ? [0 + 0.5 * (1 + 0.5 * (2 + 0.5 * 10)), 1 + 0.5 * (2 + 0.5 * 10), 2 + 0.5 * 10] : [0 + 0.5 * 20, 1 + 0.5 * 20, 2 + 0.5 * 10];
        Assert.Equal(targets.Average(y => 0.5 * (y - 2) * (y - 2)), losses.Value, 1e-4);
    }

    [Theory]
    [InlineData("one-step-q", 0)]
    [InlineData("one-step-q", 1)]
    [InlineData("dqn", 0)]
    [InlineData("dqn", 1)]
    [InlineData("c51", 0)]
    [InlineData("dueling", 0)]
    [InlineData("noisy", 0)]
    [InlineData("a3c", 0)]
    public void No_action_is_taken_that_is_not_allowed_and_nothing_allocates(string algorithm, double epsilon)
    {
        var random = new RandomStream(2);
        var act = Actor(algorithm, epsilon, random);
        var (mask, taken) = (new bool[Actions], new int[Actions]);
        Run(200);
        Assert.All(taken, count => Assert.InRange(count, 1, 200)); // the mask decides
        Assert.Equal(0, Allocations.Of(() => Run(200)));

        void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                for (var action = 0; action < Actions; action++)
                    mask[action] = random.NextInteger(3) == 0;
                mask[random.NextInteger(Actions)] = true;
                var chosen = act(mask);
                if (!mask[chosen])
                    Assert.Fail($"{chosen} was taken.");
                taken[chosen]++;
            }
        }
    }

    private static Func<bool[], int> Actor(string algorithm, double epsilon, RandomStream random)
    {
        if (algorithm == "a3c")
        {
            var spec = NetworkSpec.ActorCritic(1, Actions, 0, [], Activation.Tanh, sharedTrunk: true);
            var a3c = new A3C(new A3CSettings { RolloutSteps = 2 }, new FusedNetwork(spec, 3), new Categorical(Actions));
            var (parameters, gradient) = (new float[new ParameterLayout(spec).Count], new float[new ParameterLayout(spec).Count]);
            a3c.Synchronize(parameters, 2);
            return mask =>
            {
                if (a3c.IsRolloutOver)
                {
                    a3c.ComputeGradient(Observation, random, gradient, mask);
                    a3c.Synchronize(parameters, 2);
                }
                var action = (int)a3c.Act(Observation, random, mask)[0];
                a3c.Observe(1, false, false);
                return action;
            };
        }
        if (algorithm == "one-step-q")
        {
            var worker = Worker(algorithm, new AsynchronousQSettings { RolloutSteps = 2, Epsilon = epsilon, FinalEpsilons = [epsilon], FinalEpsilonProbabilities = [1] });
            var (parameters, gradient) = (Biases(1, 2, 0, 9), new float[2 * Actions]);
            worker.LoadTarget(parameters);
            worker.Synchronize(parameters, 2, 0);
            return mask =>
            {
                if (worker.IsRolloutOver)
                {
                    worker.ComputeGradient(Observation, random, gradient, mask);
                    worker.Synchronize(parameters, 2, 0);
                }
                var action = (int)worker.Act(Observation, random, mask)[0];
                worker.Observe(1, false, false);
                return action;
            };
        }
        var settings = new DQNSettings { Epsilon = epsilon, FinalEpsilon = epsilon, Dueling = algorithm == "dueling", Noisy = algorithm == "noisy", Atoms = algorithm == "c51" ? 5 : 0, ValueMinimum = -1, ValueMaximum = 1 };
        var values = new QHead(Actions, settings).Network(1, new NetworkSettings { Hidden = [3] });
        var behaviour = new DQN.Behaviour(settings, new FusedNetwork(values, 1), Actions, totalSteps: 100);
        var count = new ParameterLayout(values).Count * (settings.Noisy ? 2 : 1);
        behaviour.Load([.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())]);
        var chosen = new float[1];
        return mask =>
        {
            behaviour.Act(Observation, 0, random, chosen, mask);
            return (int)chosen[0];
        };
    }

    private static ActionValueWorker Worker(string algorithm, AsynchronousQSettings settings)
    {
        var (network, target, random) = (new FusedNetwork(Values, settings.RolloutSteps + 1), new FusedNetwork(Values, settings.RolloutSteps), new RandomStream(1));
        return algorithm switch
        {
            "one-step-q" => OneStepQ.Worker(settings, network, target, 100, random),
            "sarsa" => OneStepSarsa.Worker(settings, network, target, 100, random),
            _ => NStepQ.Worker(settings, network, target, 100, random),
        };
    }

    /// <summary>A linear network whose weights are zero: [weights, biases].</summary>
    private static float[] Biases(params float[] biases) => [.. new float[Actions], .. biases];
}
