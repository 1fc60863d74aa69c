using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>The gradient of whole rollouts against automatic differentiation of the whole loss.</summary>
public class A3CGradientTests
{
    private const int RolloutSteps = 20;

    private static readonly int[] Counts = [3, 4];

    /// <summary>What the policy chooses: one action, floats, or several actions of which each state allows some.</summary>
    public enum Kind
    {
        Categorical,
        Gaussian,
        MaskedSeveral,
    }

    public enum Ending
    {
        Terminated,
        Truncated,
        GoesOn,
    }

    public static TheoryData<Kind, double, Ending, bool, bool> Cases
    {
        get
        {
            var cases = new TheoryData<Kind, double, Ending, bool, bool>();
            foreach (var kind in Enum.GetValues<Kind>())
                foreach (var lambda in new[] { 1, 0.9, 0 })
                    foreach (var ending in Enum.GetValues<Ending>())
                        foreach (var sharedTrunk in new[] { true, false })
                            foreach (var memory in new[] { false, true })
                                cases.Add(kind, lambda, ending, sharedTrunk, memory);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_a_rollout_is_that_of_its_loss(Kind kind, double lambda, Ending ending, bool sharedTrunk, bool memory)
    {
        var settings = new A3CSettings
        {
            RolloutSteps = RolloutSteps,
            Gamma = 0.97,
            GaeLambda = lambda,
            ValueCoefficient = 0.7,
            EntropyCoefficient = 0.03,
            MaximumGradientNorm = 0,
            RewardScale = 0.5,
        };
        foreach (var steps in new[] { 1, 7, RolloutSteps })
            foreach (var engine in memory ? [EngineKind.Torch] : new[] { EngineKind.Fused, EngineKind.Torch })
                Compare(settings, kind, ending, sharedTrunk, memory, steps, engine);
    }

    private static void Compare(A3CSettings settings, Kind kind, Ending ending, bool sharedTrunk, bool memory, int steps, EngineKind engine)
    {
        PolicyDistribution policy = kind switch { Kind.Categorical => new Categorical(3), Kind.Gaussian => new DiagonalGaussian(2), _ => new MultiCategorical([.. Counts]) };
        var spec = NetworkSpec.ActorCritic(
            4, policy.HeadSize, policy.ConstantSize, [17, 16], Activation.Tanh, sharedTrunk, initialConstant: -0.3f)
            .With(new NetworkSettings { Recurrent = memory ? RecurrentKind.LSTM : RecurrentKind.None, RecurrentUnits = 6 }, [4]);
        var random = new RandomStream(3);
        using INetwork network =
            engine == EngineKind.Fused ? new FusedNetwork(spec, RolloutSteps + 1) : new TorchNetwork(spec, RolloutSteps + 1);
        var parameters = new float[network.Layout.Count];
        foreach (ref var parameter in parameters.AsSpan())
            parameter = 0.4f * (float)random.NextNormal();
        var a3c = new A3C(settings, network, policy);

        // A rollout before the one that counts: nothing of it may be left.
        Play([.. parameters.Select(x => -x)], RolloutSteps, Ending.GoesOn);
        var state = a3c.State.ToArray(); // but what a memory has kept
        Assert.All(state, value => Assert.NotEqual(0, value));
        var (recorded, next) = Play(parameters, steps, ending);
        var gradient = new float[parameters.Length];
        var after = a3c.State.ToArray();
        var losses = a3c.ComputeGradient(next, random, gradient);

        Assert.Equal(ending == Ending.GoesOn ? after : new float[after.Length], a3c.State.ToArray());
        var expected = NaiveA3C.Differentiate(settings, spec, parameters, kind switch { Kind.Categorical => [3], Kind.Gaussian => null, _ => Counts }, recorded, next, ending == Ending.Terminated, state);
        var scale = Math.Max(1, expected.Gradient.Max(Math.Abs));
        for (var i = 0; i < gradient.Length; i++)
            if (!(Math.Abs(expected.Gradient[i] - gradient[i]) <= 1e-5 * scale))
                Assert.Fail($"{engine}, {steps} steps: element {i} is {gradient[i]}, expected {expected.Gradient[i]}.");
        Assert.Equal(expected.Policy, losses.Policy, 1e-5 * Math.Max(1, Math.Abs(expected.Policy)));
        Assert.Equal(expected.Value, losses.Value, 1e-5 * Math.Max(1, expected.Value));
        Assert.Equal(expected.Entropy, losses.Entropy, 1e-5);
        Assert.Equal(Math.Sqrt(expected.Gradient.Sum(x => x * x)), losses.GradientNorm, 1e-4 * scale);

        (List<RecordedStep> Steps, float[] Next) Play(float[] theta, int count, Ending end)
        {
            var taken = new List<RecordedStep>();
            var observation = Observation();
            a3c.Synchronize(theta, end == Ending.GoesOn ? count : RolloutSteps);
            for (var t = 0; t < count; t++)
            {
                Assert.False(a3c.IsRolloutOver);
                var allowed = Mask();
                var action = a3c.Act(observation, random, allowed).ToArray();
                var reward = 3 * random.NextNormal();
                var last = t == count - 1;
                a3c.Observe(reward, last && end == Ending.Terminated, last && end == Ending.Truncated);
                taken.Add(new RecordedStep(observation, action, reward, allowed));
                observation = Observation();
            }
            Assert.True(a3c.IsRolloutOver);
            Assert.Equal(end != Ending.GoesOn, a3c.EpisodeEnded);
            Assert.Equal(count, a3c.Steps);
            return (taken, observation);
        }

        bool[] Mask()
        {
            if (kind != Kind.MaskedSeveral)
                return [];
            bool[] allowed = [.. Enumerable.Range(0, Counts.Sum()).Select(_ => random.NextInteger(2) == 0)];
            allowed[random.NextInteger(Counts[0])] = allowed[Counts[0] + random.NextInteger(Counts[1])] = true;
            return allowed;
        }

        float[] Observation() => [.. Enumerable.Range(0, 4).Select(_ => (float)random.NextNormal())];
    }
}
