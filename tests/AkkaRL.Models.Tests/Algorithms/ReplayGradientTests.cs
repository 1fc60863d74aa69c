using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using static AkkaRL.Models.Tests.Algorithms.ReplayOracle;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>What an update subtracts from the parameters, with plain gradient descent of rate one, is what automatic differentiation of the published loss says.</summary>
public class ReplayGradientTests
{
    private const int Action = 2;

    [Fact]
    public void DDPG_regresses_its_critic_and_climbs_it()
    {
        var (actor, critic) = (ContinuousControl.Policy(Observation, Action, Shape), ContinuousControl.Critics(Observation, Action, 1, Shape));
        float[] parameters = [.. Draw(actor, 1), .. Draw(critic, 2)], target = [.. Draw(actor, 3), .. Draw(critic, 4)];
        var minibatch = DrawMinibatch(1, random => 2 * random.NextDouble() - 1, Action);
        var judge = new FusedNetwork(critic, Batch);
        using var targets = new DDPG.TargetNetworks(new FusedNetwork(actor, Batch), new FusedNetwork(critic, Batch), [.. target]);
        using var updates = new DDPG.Updates(
            new DDPGSettings { BatchSize = Batch }, new FusedNetwork(actor, Batch), judge, judge, [.. parameters], count => new SgdMomentum(count, 0));
        targets.Evaluate(minibatch);
        updates.Predict(minibatch);
        updates.Update(minibatch, 0.1f);

        using var scope = NewDisposeScope();
        var split = new ParameterLayout(actor).Count;
        var (mu, q) = (Leaf(parameters[..split]), Leaf(parameters[split..]));
        var (s, next) = (Rows(minibatch.Observations, Observation), Rows(minibatch.NextObservations, Observation));
        var y = tensor(minibatch.Rewards) + tensor(minibatch.Discounts)
            * Forward(critic, tensor(target[split..]), cat([next, Forward(actor, tensor(target[..split]), next).tanh()], 1)).squeeze(1);
        var error = Forward(critic, q, cat([s, Rows(minibatch.Actions, Action)], 1)).squeeze(1) - y;
        (0.5 * tensor(minibatch.Weights) * error.square()).mean().backward();
        AssertSubtracted(q, parameters[split..], updates.Parameters[split..], 0.1f);
        // The policy climbs the critic as it is after its own update.
        var after = tensor(updates.Parameters[split..].ToArray());
        (-Forward(critic, after, cat([s, Forward(actor, mu, s).tanh()], 1)).mean()).backward();
        AssertSubtracted(mu, parameters[..split], updates.Parameters[..split], 0.1f);
    }

    [Fact]
    public void TD3_regresses_both_critics_on_the_smaller_target_and_delays_its_policy()
    {
        var (actor, critics) = (ContinuousControl.Policy(Observation, Action, Shape), ContinuousControl.Critics(Observation, Action, 2, Shape));
        float[] parameters = [.. Draw(actor, 1), .. Draw(critics, 2)], target = [.. Draw(actor, 3), .. Draw(critics, 4)];
        var minibatch = DrawMinibatch(2, random => 2 * random.NextDouble() - 1, Action);
        var settings = new TD3Settings { BatchSize = Batch, TargetNoise = 0 };
        using var targets = new TD3.TargetNetworks(new FusedNetwork(actor, Batch), new FusedNetwork(critics, Batch), [.. target], settings, new RandomStream(1));
        using var updates = new TD3.Updates(
            settings, new FusedNetwork(actor, Batch), new FusedNetwork(critics, Batch), new FusedNetwork(ContinuousControl.Critics(Observation, Action, 1, Shape), Batch),
            [.. parameters], count => new SgdMomentum(count, 0));
        targets.Evaluate(minibatch);
        updates.Predict(minibatch);
        updates.Update(minibatch, 0.1f);

        using var scope = NewDisposeScope();
        var split = new ParameterLayout(actor).Count;
        var (mu, q) = (Leaf(parameters[..split]), Leaf(parameters[split..]));
        var (s, next) = (Rows(minibatch.Observations, Observation), Rows(minibatch.NextObservations, Observation));
        var y = tensor(minibatch.Rewards) + tensor(minibatch.Discounts)
            * Forward(critics, tensor(target[split..]), cat([next, Forward(actor, tensor(target[..split]), next).tanh()], 1)).amin([1]);
        var error = Forward(critics, q, cat([s, Rows(minibatch.Actions, Action)], 1)) - y.unsqueeze(1);
        (0.5 * tensor(minibatch.Weights) * error.square().sum(1)).mean().backward();
        AssertSubtracted(q, parameters[split..], updates.Parameters[split..], 0.1f);
        Equal(parameters[..split], updates.Parameters[..split]);

        updates.Predict(minibatch);
        updates.Update(minibatch, 0.1f);
        var first = new ParameterLayout(ContinuousControl.Critics(Observation, Action, 1, Shape)).Count;
        var after = tensor(updates.Parameters.Slice(split, first).ToArray());
        (-Forward(ContinuousControl.Critics(Observation, Action, 1, Shape), after, cat([s, Forward(actor, mu, s).tanh()], 1)).mean()).backward();
        AssertSubtracted(mu, parameters[..split], updates.Parameters[..split], 0.1f);
    }

    [Fact]
    public void Noise_on_the_target_policy_stays_within_its_bound_and_the_action_space()
    {
        var (actor, critics) = (ContinuousControl.Policy(Observation, 1, Shape), new NetworkSpec(Observation + 1, Activation.Tanh, [new TowerSpec([], [new HeadSpec("q", 1, 1)]), new TowerSpec([], [new HeadSpec("q", 1, 1)])]));
        // Critics that return the action itself; a policy of zero.
        var parameters = new float[new ParameterLayout(actor).Count + new ParameterLayout(critics).Count];
        var offset = new ParameterLayout(actor).Count;
        parameters[offset + Observation] = parameters[offset + Observation + 2 + Observation] = 1;
        using var targets = new TD3.TargetNetworks(
            new FusedNetwork(actor, 64), new FusedNetwork(critics, 64), parameters, new TD3Settings { TargetNoise = 1, TargetNoiseBound = 0.5 }, new RandomStream(1));
        var minibatch = new Minibatch(64, Observation, 1, 2) { Count = 64 };
        targets.Evaluate(minibatch);
        Assert.All(minibatch.TargetOutputs, action => Assert.InRange(action, -0.5001f, 0.5001f));
        Assert.Contains(minibatch.TargetOutputs, action => action > 0.4999f);
        Assert.Contains(minibatch.TargetOutputs, action => MathF.Abs(action) is > 0 and < 0.49f);
    }

    [Fact]
    public void SAC_regresses_on_soft_values_and_its_temperature_follows_the_entropy()
    {
        var (actor, critics) = (ContinuousControl.Policy(Observation, 2 * Action, Shape), ContinuousControl.Critics(Observation, Action, 2, Shape));
        const float logAlpha = -0.7f;
        float[] parameters = [.. Draw(actor, 1), .. Draw(critics, 2), logAlpha], target = [.. Draw(actor, 3), .. Draw(critics, 4), 0];
        var minibatch = DrawMinibatch(2, random => 2 * random.NextDouble() - 1, Action);
        var split = new ParameterLayout(actor).Count;
        using var targets = new SAC.TargetCritics(new FusedNetwork(critics, Batch), target, split);
        using var updates = new SAC.Updates(
            new SACSettings { BatchSize = Batch }, new FusedNetwork(actor, Batch), new FusedNetwork(critics, Batch), [.. parameters], count => new SgdMomentum(count, 0), new RandomStream(5));
        updates.Propose(minibatch);
        targets.Evaluate(minibatch);
        updates.Predict(minibatch);
        var losses = updates.Update(minibatch, 0.1f);

        using var scope = NewDisposeScope();
        // The same noise: first for a′, then for a.
        var random = new RandomStream(5);
        var noise = Enumerable.Range(0, 2 * Batch * Action).Select(_ => (float)random.NextNormal()).ToArray();
        var (pi, q) = (Leaf(parameters[..split]), Leaf(parameters[split..^1]));
        var (s, next) = (Rows(minibatch.Observations, Observation), Rows(minibatch.NextObservations, Observation));
        var alpha = MathF.Exp(logAlpha);
        (Tensor Action, Tensor LogPi) Sample(Tensor flat, Tensor observations, float[] epsilon)
        {
            var row = Forward(actor, flat, observations);
            var (mean, logSigma, e) = (row.narrow(1, 0, Action), row.narrow(1, Action, Action).clamp(-20, 2), Rows(epsilon, Action));
            var u = mean + logSigma.exp() * e;
            // log(1 − tanh² u), in the form that does not round to log 0.
            var slope = 2 * (Math.Log(2) - u - nn.functional.softplus(-2 * u));
            return (u.tanh(), (-0.5 * e.square() - logSigma - 0.5 * Math.Log(2 * Math.PI) - slope).sum(1));
        }
        var (nextAction, nextLog) = Sample(pi.detach(), next, noise[..(Batch * Action)]);
        Equal(nextLog.data<float>().ToArray(), minibatch.NextLogProbabilities, 1e-3f);
        var soft = Forward(critics, tensor(target[split..^1]), cat([next, nextAction], 1)).amin([1]) - alpha * nextLog;
        var y = tensor(minibatch.Rewards) + tensor(minibatch.Discounts) * soft;
        var error = Forward(critics, q, cat([s, Rows(minibatch.Actions, Action)], 1)) - y.unsqueeze(1);
        (0.5 * tensor(minibatch.Weights) * error.square().sum(1)).mean().backward();
        AssertSubtracted(q, parameters[split..^1], updates.Parameters[split..^1], 0.1f);

        var (action, logPi) = Sample(pi, s, noise[(Batch * Action)..]);
        var after = tensor(updates.Parameters[split..^1].ToArray());
        (alpha * logPi - Forward(critics, after, cat([s, action], 1)).amin([1])).mean().backward();
        AssertSubtracted(pi, parameters[..split], updates.Parameters[..split], 0.1f);
        Assert.Equal(-logPi.mean().item<float>(), losses.Entropy, 1e-3);
        Assert.Equal(logAlpha - 0.1 * (losses.Entropy + Action), updates.Parameters[^1], 1e-4);
    }

    [Fact]
    public void The_squashed_density_equals_the_change_of_variables()
    {
        var distribution = new SquashedGaussian(1);
        Span<float> action = stackalloc float[1];
        foreach (var (mean, logSigma, epsilon) in new[] { (0f, 0f, 0.5f), (1f, -1f, -2f), (-0.3f, 0.4f, 1f) })
        {
            var log = distribution.Transform([mean, logSigma], [epsilon], action);
            var expected = -0.5 * epsilon * epsilon - logSigma - 0.5 * Math.Log(2 * Math.PI) - Math.Log(1 - Math.Pow(Math.Tanh(mean + Math.Exp(logSigma) * epsilon), 2));
            Assert.Equal(expected, log, 1e-4);
        }
        Assert.True(float.IsFinite(distribution.Transform([30f, 0f], [0f], action)));
    }
}
