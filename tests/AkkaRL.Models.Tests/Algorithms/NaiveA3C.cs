using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Tests.Networks;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>One step of a rollout, as a test recorded it.</summary>
internal sealed record RecordedStep(float[] Observation, float[] Action, double Reward, bool[] Allowed);

/// <summary>
/// A3C as the textbook writes it: brute-force sums for the advantages, and L = L_policy + c_v L_value + c_reg L_reg built from tensors in
/// double precision and handed to automatic differentiation. Knows nothing of engines, distributions or recursions of the code under test.
/// </summary>
internal static class NaiveA3C
{
    /// <summary>∂L/∂θ [P] before clipping, and the means over the steps of −A log π, ½ (R − V)² and H; of choices of so many values, or of a Gaussian without counts.</summary>
    public static (double[] Gradient, double Policy, double Value, double Entropy) Differentiate(
        A3CSettings settings, NetworkSpec spec, float[] parameters, int[]? counts,
        IReadOnlyList<RecordedStep> steps, float[] next, bool terminated, float[] state)
    {
        using var scope = NewDisposeScope();
        var theta = tensor(parameters).to(float64).requires_grad_();
        var (policy, values, after) = Run(spec, theta, tensor(state).to(float64), steps.Select(step => step.Observation), next);
        var nextValue = terminated ? 0 : after;
        var v = values.detach().data<double>().ToArray();
        var rewards = steps.Select(step => step.Reward * settings.RewardScale).ToArray();
        var advantages = Enumerable.Range(0, steps.Count)
            .Select(t => Advantage(rewards, v, nextValue, t, settings.Gamma, settings.GaeLambda)).ToArray();
        var advantage = tensor(advantages);
        var returns = tensor(advantages.Zip(v, (a, baseline) => a + baseline).ToArray());

        var actions = Stack(steps.Select(step => step.Action));
        var (logPi, entropy) = counts is null
            ? Gaussian(policy, steps[0].Action.Length, actions)
            : Categorical(policy, counts, actions, steps);
        var policyLoss = -(advantage * logPi);
        var valueLoss = 0.5 * (returns - values).pow(2);
        var loss = policyLoss.sum() + settings.ValueCoefficient * valueLoss.sum() - settings.EntropyCoefficient * entropy.sum();
        loss.backward();
        return (
            theta.grad!.data<double>().ToArray(),
            policyLoss.mean().item<double>(), valueLoss.mean().item<double>(), entropy.mean().item<double>());
    }

    /// <summary>The λ-weighted mean of the n-step advantages, each from its definition; λ = 1 leaves the longest alone.</summary>
    public static double Advantage(double[] rewards, double[] values, double nextValue, int t, double gamma, double lambda)
    {
        var longest = rewards.Length - t;
        var mean = 0.0;
        for (var n = 1; n <= longest; n++)
        {
            var after = t + n < rewards.Length ? values[t + n] : nextValue;
            var sum = Math.Pow(gamma, n) * after - values[t];
            for (var i = 0; i < n; i++)
                sum += Math.Pow(gamma, i) * rewards[t + i];
            mean += (n < longest ? 1 - lambda : 1) * Math.Pow(lambda, n - 1) * sum;
        }
        return mean;
    }

    /// <summary>Policy columns (head, then constants) and values of an actor-critic, and the value of what comes next.</summary>
    private static (Tensor Policy, Tensor Values, double NextValue) Run(
        NetworkSpec spec, Tensor theta, Tensor state, IEnumerable<float[]> observations, float[] next)
    {
        var network = new NaiveNetwork(spec, theta);
        var rows = new List<Tensor>();
        foreach (var observation in observations.Append(next))
        {
            (var row, state) = network.Step(tensor(observation).to(float64), state);
            rows.Add(row);
        }
        var outputs = stack(rows[..^1]);
        var head = spec.Outputs - 1 - spec.Constants;
        return (cat([outputs.narrow(1, 0, head), outputs.narrow(1, head + 1, spec.Constants)], 1), outputs.select(1, head), rows[^1][head].item<double>());
    }

    private static (Tensor LogPi, Tensor Entropy) Categorical(Tensor logits, int[] counts, Tensor actions, IReadOnlyList<RecordedStep> steps)
    {
        if (steps[0].Allowed.Length > 0)
            logits = logits.masked_fill(stack(steps.Select(step => tensor(step.Allowed))).logical_not(), -1e30);
        var (logProbability, entropy) = (zeros(steps.Count, float64), zeros(steps.Count, float64));
        for (var (i, first) = (0, 0); i < counts.Length; first += counts[i++])
        {
            var logPi = logits.narrow(1, first, counts[i]).log_softmax(1);
            logProbability += logPi.gather(1, actions.narrow(1, i, 1).to(int64)).squeeze(1);
            entropy -= (logPi.exp() * logPi).sum(1);
        }
        return (logProbability, entropy);
    }

    private static (Tensor LogPi, Tensor Entropy) Gaussian(Tensor policy, int size, Tensor actions)
    {
        var (mean, logSigma) = (policy.narrow(1, 0, size), policy.narrow(1, size, size));
        var density = distributions.Normal(mean, logSigma.exp());
        return (density.log_prob(actions).sum(1), density.entropy().sum(1));
    }

    private static Tensor Stack(IEnumerable<float[]> rows) => stack(rows.Select(row => tensor(row).to(float64)));
}
