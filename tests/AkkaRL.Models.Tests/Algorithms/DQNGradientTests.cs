using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Tests.Networks;
using static AkkaRL.Models.Tests.Algorithms.ReplayOracle;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>
/// What an update of DQN's subtracts, with plain gradient descent of rate one, is what automatic differentiation of the published loss says,
/// for every combination of the switches that change the loss.
/// </summary>
public class DQNGradientTests
{
    private const int Actions = 4, Atoms = 7;
    private const double Minimum = -3, Maximum = 2;

    public static TheoryData<bool, bool, bool, bool, EngineKind, bool, bool> Switches
    {
        get
        {
            var switches = new TheoryData<bool, bool, bool, bool, EngineKind, bool, bool>();
            for (var bits = 0; bits < 32; bits++)
                switches.Add((bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0, (bits & 8) > 0, EngineKind.Fused, false, (bits & 16) > 0);
            switches.Add(true, true, true, true, EngineKind.Torch, false, false);
            switches.Add(false, false, false, false, EngineKind.Torch, true, false);
            switches.Add(true, true, false, false, EngineKind.Torch, true, false);
            switches.Add(true, true, true, true, EngineKind.Torch, true, false);
            return switches;
        }
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void DQN_descends_its_weighted_loss(bool doubleQ, bool dueling, bool categorical, bool noisy, EngineKind engine, bool image, bool masked)
    {
        var settings = new DQNSettings
        {
            BatchSize = Batch, DoubleQ = doubleQ, Dueling = dueling, MaximumGradientNorm = 0, Noisy = noisy,
            Atoms = categorical ? Atoms : 0, ValueMinimum = Minimum, ValueMaximum = Maximum,
        };
        var observation = image ? 2 * 4 * 5 : Observation;
        var spec = new QHead(Actions, settings).Network(observation, Shape)
            .With(new NetworkSettings { Convolution = image ? ConvolutionKind.Small : ConvolutionKind.None }, [2, 4, 5]);
        float[] parameters = Draw(spec, 1), target = Draw(spec, 2);
        if (noisy)
            (parameters, target) = ([.. parameters, .. Draw(spec, 3)], [.. target, .. Draw(spec, 4)]);
        var minibatch = DrawMinibatch(spec.Outputs, action: random => random.NextInteger(Actions), actionSize: 1, observation, masked ? Actions : 0);
        INetwork Make(int rows) => engine == EngineKind.Torch ? new TorchNetwork(spec, rows) : new FusedNetwork(spec, rows);
        using var targets = new DQN.TargetQ(settings, Make(Batch), [.. target], new RandomStream(5));
        using var updates = new DQN.Updates(
            settings, Make(2 * Batch), Actions, [.. parameters], count => new SgdMomentum(count, 0), new RandomStream(6));
        targets.Evaluate(minibatch);
        updates.Predict(minibatch);
        updates.Update(minibatch, 1);

        using var scope = NewDisposeScope();
        var theta = Leaf(parameters);
        // The noise in the order of the learner's forward passes: Q(s′), where double, then Q(s).
        var random = new RandomStream(6);
        var judging = doubleQ ? Weights(spec, theta.detach(), noisy, random) : null;
        var acting = Weights(spec, theta, noisy, random);
        var judged = Weights(spec, tensor(target), noisy, new RandomStream(5));
        var support = linspace(Minimum, Maximum, Atoms);
        // [B, A, K] logits, or [B, A, 1] values.
        Tensor Q(Tensor flat, float[] observations)
        {
            var rows = Rows(observations, observation);
            var outputs = image ? stack(Enumerable.Range(0, Batch).Select(i => new NaiveNetwork(spec, flat).Step(rows[i], zeros(0)).Outputs)) : Forward(spec, flat, rows);
            var columns = outputs.view(Batch, -1, categorical ? Atoms : 1);
            return dueling ? columns.narrow(1, 0, 1) + columns.narrow(1, 1, Actions) - columns.narrow(1, 1, Actions).mean([1], keepdim: true) : columns;
        }
        Tensor Means(Tensor q) => categorical ? (q.softmax(2) * support).sum(2) : q.squeeze(2);
        Tensor Of(Tensor q, Tensor action) => q.gather(1, action.view(Batch, 1, 1).expand(Batch, 1, q.shape[2])).squeeze(1);
        var next = Q(judged, minibatch.NextObservations);
        var means = Means(doubleQ ? Q(judging!, minibatch.NextObservations) : next);
        if (masked)
        {
            var best = means.argmax(1);
            means = means.masked_fill(stack(Enumerable.Range(0, Batch).Select(j => tensor(minibatch.NextAllowed(j).ToArray()))).logical_not(), float.NegativeInfinity);
            Assert.NotEqual(best.data<long>().ToArray(), means.argmax(1).data<long>().ToArray()); // the mask matters
        }
        var chosen = Of(next, means.argmax(1));
        var q = Of(Q(acting, minibatch.Observations), tensor(minibatch.Actions).to(int64));
        var (rewards, discounts) = (Rows(minibatch.Rewards, 1), Rows(minibatch.Discounts, 1));
        Tensor losses, errors;
        if (categorical)
        {
            // Bellemare et al. (2017), eq. 7, all pairs of atoms at once.
            var moved = (rewards + discounts * support).clamp(Minimum, Maximum);
            var shares = (1 - (moved.unsqueeze(1) - support.view(1, Atoms, 1)).abs() / ((Maximum - Minimum) / (Atoms - 1))).clamp(0, 1);
            var m = (shares * chosen.softmax(1).unsqueeze(1)).sum(2);
            losses = errors = (m * ((m + 1e-30).log() - q.log_softmax(1))).sum(1);
        }
        else
        {
            var y = rewards + discounts * chosen;
            losses = nn.functional.smooth_l1_loss(q, y, nn.Reduction.None).squeeze(1);
            errors = (q - y).abs().squeeze(1);
        }
        (tensor(minibatch.Weights) * losses).mean().backward();
        AssertSubtracted(theta, parameters, updates.Parameters);
        Equal(errors.data<float>().ToArray(), minibatch.AbsoluteErrors);
    }

    /// <summary>μ + σ ⊙ ε, with ε of each layer behind the first the outer product of the scaled numbers of its inputs and of its outputs.</summary>
    private static Tensor Weights(NetworkSpec spec, Tensor parameters, bool noisy, RandomStream random)
    {
        if (!noisy)
            return parameters;
        var count = new ParameterLayout(spec).Count;
        var epsilon = new float[count];
        foreach (var tower in new ParameterLayout(spec).Towers)
            foreach (var layer in tower.Skip(1))
            {
                float[] Numbers(int size) => [.. Enumerable.Range(0, size).Select(_ => random.NextNormal()).Select(x => (float)(x < 0 ? -Math.Sqrt(-x) : Math.Sqrt(x)))];
                var (inputs, outputs) = (Numbers(layer.Inputs), Numbers(layer.Outputs));
                for (var j = 0; j < layer.Outputs; j++)
                {
                    epsilon[layer.BiasOffset + j] = outputs[j];
                    for (var i = 0; i < layer.Inputs; i++)
                        epsilon[layer.WeightOffset + i * layer.Outputs + j] = inputs[i] * outputs[j];
                }
            }
        return parameters.narrow(0, 0, count) + parameters.narrow(0, count, count) * tensor(epsilon);
    }
}
