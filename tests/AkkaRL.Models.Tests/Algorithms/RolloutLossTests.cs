using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;
using AkkaRL.Models.Tests.Networks;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>The gradient of each synchronous algorithm's whole loss against automatic differentiation of the loss as its paper writes it.</summary>
public sealed class RolloutLossTests
{
    private const int Rows = 24;

    private static readonly int[] Counts = [3, 4];

    /// <summary>What the policy chooses: one action, floats, several actions, or several of which each row allows some.</summary>
    public enum Kind
    {
        Categorical,
        Gaussian,
        Several,
        Masked,
    }

    [Theory]
    [InlineData(Kind.Categorical, 0, false)]
    [InlineData(Kind.Gaussian, 0, false)]
    [InlineData(Kind.Several, 0, false)]
    [InlineData(Kind.Masked, 0, false)]
    [InlineData(Kind.Categorical, 0.1, false)]
    [InlineData(Kind.Categorical, 0, true)]
    [InlineData(Kind.Gaussian, 0, true)]
    [InlineData(Kind.Masked, 0, true)]
    public void PPO_with_clipping(Kind kind, double valueClipRange, bool memory)
    {
        var settings = new PPOSettings { EntropyCoefficient = 0.03, ValueClipRange = valueClipRange, Epochs = 1, MinibatchSize = Rows, MaximumGradientNorm = 0 };
        Check(kind, (policy, columns) => new PPO(settings, policy, columns, Rows), (d, batch) =>
        {
            var advantage = Normalize(batch.Advantage);
            var weight = (d.LogProbability - batch.LogProbability).exp();
            var error = (d.Value - batch.Return).square();
            if (valueClipRange > 0)
                error = maximum(error, (batch.OldValue + (d.Value - batch.OldValue).clamp(-valueClipRange, valueClipRange) - batch.Return).square());
            return -minimum(weight * advantage, weight.clamp(0.8, 1.2) * advantage).mean() + 0.5 * 0.5 * error.mean() - 0.03 * d.Entropy.mean();
        }, memory);
    }

    [Theory]
    [InlineData(Kind.Categorical)]
    [InlineData(Kind.Gaussian)]
    [InlineData(Kind.Several)]
    [InlineData(Kind.Masked)]
    public void PPO_with_a_KL_penalty(Kind kind)
    {
        var settings = new PPOKlSettings { EntropyCoefficient = 0.03, InitialPenalty = 0.7, Epochs = 1, MinibatchSize = Rows, MaximumGradientNorm = 0 };
        Check(kind, (policy, columns) => new PPOKl(settings, policy, columns, Rows), (d, batch) =>
            -((d.LogProbability - batch.LogProbability).exp() * Normalize(batch.Advantage)).mean() + 0.7 * d.Divergence.mean()
            + 0.5 * 0.5 * (d.Value - batch.Return).square().mean() - 0.03 * d.Entropy.mean());
    }

    [Theory]
    [InlineData(Kind.Categorical)]
    [InlineData(Kind.Gaussian)]
    [InlineData(Kind.Several)]
    [InlineData(Kind.Masked)]
    public void A2C(Kind kind)
    {
        var settings = new A2CSettings { EntropyCoefficient = 0.03, GaeLambda = 0.95, MaximumGradientNorm = 0 };
        Check(kind, (policy, columns) => new A2C(settings, policy, columns, Rows), (d, batch) =>
            -(d.LogProbability * batch.Advantage).mean() + 0.5 * 0.5 * (d.Value - batch.Return).square().mean() - 0.03 * d.Entropy.mean());
    }

    [Theory]
    [InlineData(Kind.Categorical)]
    [InlineData(Kind.Several)]
    [InlineData(Kind.Masked)]
    public void REINFORCE_with_a_learned_baseline(Kind kind)
    {
        var settings = new ReinforceSettings { MaximumGradientNorm = 0 };
        Check(kind, (policy, columns) => new Reinforce(settings, policy, columns, Rows), (d, batch) =>
            -(d.LogProbability * batch.Advantage).mean() + 0.5 * 0.5 * (d.Value - batch.Return).square().mean());
    }

    [Fact]
    public void REINFORCE_without_one_leaves_the_value_alone()
    {
        var settings = new ReinforceSettings { Baseline = Baseline.Constant, MaximumGradientNorm = 0 };
        Check(Kind.Categorical, (policy, columns) => new Reinforce(settings, policy, columns, Rows), (d, batch) => -(d.LogProbability * batch.Advantage).mean());
    }

    [Theory]
    [InlineData(Kind.Categorical)]
    [InlineData(Kind.Gaussian)]
    [InlineData(Kind.Several)]
    [InlineData(Kind.Masked)]
    public void Off_policy_gradient(Kind kind)
    {
        var settings = new OffPolicyGradientSettings { Epochs = 1, MaximumWeight = 1.05, MinimumEffectiveSamples = 0, MaximumGradientNorm = 0 };
        Check(kind, (policy, columns) => new OffPolicyGradient(settings, policy, columns, Rows), (d, batch) =>
        {
            var weight = (d.LogProbability - batch.LogProbability).exp().detach().clamp_max(1.05);
            return -(weight * d.LogProbability * Normalize(batch.Advantage)).mean() + 0.5 * 0.5 * (d.Value - batch.Return).square().mean();
        });
    }

    [Theory]
    [InlineData(Kind.Categorical)]
    [InlineData(Kind.Gaussian)]
    [InlineData(Kind.Several)]
    [InlineData(Kind.Masked)]
    public void IMPALA(Kind kind)
    {
        var settings = new ImpalaSettings { EntropyCoefficient = 0.03, Gamma = 0.9, MaximumWeight = 1.1, MaximumTraceWeight = 0.9, MaximumGradientNorm = 0 };
        Check(kind, (policy, columns) => new Impala(settings, policy, columns, Rows), (d, batch) =>
        {
            // Equation 1 with the values and probabilities of the network that learns, not of the one that acted.
            var rollout = batch.Rollout;
            var (weight, value) = ((d.LogProbability - batch.LogProbability).exp().data<double>().ToArray(), d.Value.data<double>().ToArray());
            Assert.Contains(weight, w => w > 1.1);
            Assert.Contains(weight, w => w < 0.9);
            for (var s = 0; s < Rows; s++)
            {
                var (target, factor) = (value[s], 1.0);
                for (var t = s; ; t++)
                {
                    var (ended, next) = (rollout.Terminated[t] || rollout.Truncated[t], rollout.Terminated[t] ? 0 : rollout.Truncated[t] ? rollout.FinalValues[t] : value[t + 1]);
                    target += factor * Math.Min(1.1, weight[t]) * (rollout.Rewards[t] + 0.9 * next - value[t]);
                    factor *= 0.9 * Math.Min(0.9, weight[t]);
                    if (ended)
                        break;
                }
                Assert.Equal(target, rollout.Returns[s], 1e-4 * (1 + Math.Abs(target)));
            }
            return -(d.LogProbability * batch.Advantage).mean() + 0.5 * 0.5 * (d.Value - batch.Return).square().mean() - 0.03 * d.Entropy.mean();
        });
    }

    /// <summary>What the losses are written in, as tensors over the rows.</summary>
    private sealed record Differentiable(Tensor LogProbability, Tensor Value, Tensor Entropy, Tensor Divergence);

    private sealed record Data(Tensor Advantage, Tensor Return, Tensor LogProbability, Tensor OldValue, RolloutBatch Rollout);

    /// <summary>Runs one update of plain gradient descent, and compares the step with the gradient that torch finds.</summary>
    private static void Check(
        Kind kind, Func<PolicyDistribution, ActorCriticOutputs, IRolloutAlgorithm> make, Func<Differentiable, Data, Tensor> lossOf, bool memory = false)
    {
        PolicyDistribution policy = kind switch
        {
            Kind.Categorical => new Categorical(3),
            Kind.Gaussian => new DiagonalGaussian(2),
            _ => new MultiCategorical([.. Counts]),
        };
        var spec = NetworkSpec.ActorCritic(4, policy.HeadSize, policy.ConstantSize, [], Activation.Tanh, sharedTrunk: true, initialConstant: -0.3f)
            .With(new NetworkSettings { Recurrent = memory ? RecurrentKind.LSTM : RecurrentKind.None, RecurrentUnits = 5 }, [4]);
        var columns = new ActorCriticOutputs(spec, policy);
        var random = new RandomStream(5);
        var parameters = new float[new ParameterLayout(spec).Count];
        foreach (ref var parameter in parameters.AsSpan())
            parameter = (float)random.NextNormal() * 0.5f;
        var batch = RandomBatch(policy, random, spec.StateSize, kind == Kind.Masked);
        var before = parameters.ToArray();
        using var gradients = new ShardedGradient([rows => memory ? new TorchNetwork(spec, rows) : new FusedNetwork(spec, rows)], Rows, memory ? Rows / 2 : 1);
        var descent = new PolicyDescent(parameters, new SgdMomentum(parameters.Length, 0), gradients) { LearningRate = 1 };

        make(policy, columns).Learn(batch, descent, 0, random);

        Assert.Equal(1, descent.Updates);
        var expected = Differentiate(before, spec, kind, policy, batch, lossOf);
        for (var i = 0; i < before.Length; i++)
            Assert.Equal(expected[i], before[i] - descent.Parameters[i], 1e-4f * Math.Max(1, Math.Abs(expected[i])));
    }

    private static RolloutBatch RandomBatch(PolicyDistribution policy, RandomStream random, int stateSize, bool isMasked)
    {
        var size = policy.HeadSize + policy.ConstantSize;
        var rollout = new Rollout(2, Rows / 2, 4, policy.ActionSize, size, stateSize);
        rollout.Steps.AsSpan().Fill(Rows / 2);
        foreach (var values in new[] { rollout.Observations, rollout.PolicyParameters, rollout.Values, rollout.Rewards, rollout.FinalValues, rollout.BootstrapValues, rollout.InitialStates })
            foreach (ref var value in values.AsSpan())
                value = (float)random.NextNormal() * 0.5f;
        for (var row = 0; row < Rows; row++)
        {
            if (isMasked)
                foreach (var hidden in new[] { row % 3, 3 + row % 4, 3 + row / 4 % 4 })
                    rollout.PolicyParameters[row * size + hidden] = float.NegativeInfinity;
            rollout.LogProbabilities[row] = policy.Sample(
                rollout.PolicyParameters.AsSpan(row * size, size), random, rollout.Actions.AsSpan(row * policy.ActionSize, policy.ActionSize));
            rollout.Terminated[row] = row % 5 == 4;
            rollout.Truncated[row] = row % 7 == 6;
        }
        rollout.Terminated[Rows / 2 - 1] = rollout.Terminated[Rows - 1] = true;
        var batch = new RolloutBatch(Rows, 4, policy.ActionSize, size, stateSize);
        batch.Append(rollout);
        return batch;
    }

    private static float[] Differentiate(
        float[] parameters, NetworkSpec spec, Kind kind, PolicyDistribution policy, RolloutBatch batch, Func<Differentiable, Data, Tensor> lossOf)
    {
        using var scope = NewDisposeScope();
        var theta = tensor(parameters).to(float64).requires_grad_();
        Tensor Column(float[] values, int width) => tensor(values).to(float64).view(Rows, width);
        // Two envs of Rows / 2 steps each; an episode begins where the step before ended one.
        bool[] begins = [.. Enumerable.Range(0, Rows).Select(row => row % (Rows / 2) > 0 && (batch.Terminated[row - 1] || batch.Truncated[row - 1]))];
        var states = tensor(batch.History?.InitialStates[..(2 * spec.StateSize)] ?? []).to(float64).view(2, spec.StateSize);
        var outputs = new NaiveNetwork(spec, theta).Run(Column(batch.Observations, spec.Inputs), [Rows / 2, Rows / 2], states, begins);
        var head = outputs.narrow(1, 0, policy.HeadSize);
        var old = Column(batch.PolicyParameters, batch.PolicySize);
        var action = Column(batch.Actions, batch.ActionSize);
        Tensor logProbability, entropy, divergence;
        if (kind == Kind.Gaussian)
        {
            var logSigma = outputs.narrow(1, policy.HeadSize + 1, policy.ConstantSize);
            var (oldMean, oldLogSigma) = (old.narrow(1, 0, 2), old.narrow(1, 2, 2));
            logProbability = (-0.5 * ((action - head) / logSigma.exp()).square() - logSigma - 0.5 * Math.Log(2 * Math.PI)).sum(1);
            entropy = (logSigma + 0.5 * Math.Log(2 * Math.PI * Math.E)).sum(1);
            divergence = (logSigma - oldLogSigma + ((2 * oldLogSigma).exp() + (oldMean - head).square()) / (2 * (2 * logSigma).exp()) - 0.5).sum(1);
        }
        else
        {
            // Far below all others: its probability is zero, and zero times that is zero, where it would not be a number for -∞.
            var isMasked = old.isneginf();
            var (now, then) = (head.masked_fill(isMasked, -1e30), old.masked_fill(isMasked, -1e30));
            (logProbability, entropy, divergence) = (zeros(Rows, float64), zeros(Rows, float64), zeros(Rows, float64));
            int[] counts = kind == Kind.Categorical ? [3] : Counts;
            for (var (i, first) = (0, 0); i < counts.Length; first += counts[i++])
            {
                var (logPi, logMu) = (now.narrow(1, first, counts[i]).log_softmax(1), then.narrow(1, first, counts[i]).log_softmax(1));
                logProbability += logPi.gather(1, action.narrow(1, i, 1).to(int64)).squeeze(1);
                entropy -= (logPi.exp() * logPi).sum(1);
                divergence += (logMu.exp() * (logMu - logPi)).sum(1);
            }
        }
        Tensor Row(float[] values) => tensor(values).to(float64);
        lossOf(
            new Differentiable(logProbability, outputs.select(1, policy.HeadSize), entropy, divergence),
            new Data(Row(batch.Advantages), Row(batch.Returns), Row(batch.LogProbabilities), Row(batch.Values), batch)).backward();
        return [.. theta.grad!.data<double>().Select(value => (float)value)];
    }

    private static Tensor Normalize(Tensor advantage) => (advantage - advantage.mean()) / (advantage.std() + 1e-8);
}
