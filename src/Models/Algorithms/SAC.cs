using System.Numerics.Tensors;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Soft actor-critic: a stochastic policy that maximises return and entropy, twin critics of that sum, and a temperature α that holds the entropy at a target.
/// </summary>
/// <remarks>
/// <para>Source: T. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications" (2018), Algorithm 1:</para>
/// <code>
/// initialize critics θ_1, θ_2, policy φ, targets θ̄_i ← θ_i, replay D
/// for each environment step do
///   a_t ~ π_φ(a_t | s_t); observe; store in D                          Behaviour.Act, the worker, the replay
/// for each gradient step do
///   a′ ~ π_φ(· | s′)                                                   Updates.Propose
///   y = r + γ (min_i Q_θ̄i(s′, a′) − α log π(a′ | s′))    (eq. 6)       TargetCritics.Evaluate, Target
///   θ_i ← θ_i − λ ∇ J_Q(θ_i)                             (eq. 5)       Updates.Update
///   φ ← φ − λ ∇ J_π(φ), J_π = α log π(a | s) − min_i Q_i (eq. 9)       Updates.ImprovePolicy
///   α ← α − λ ∇ J(α), J = −α (log π(a | s) + H̄)          (eq. 18)      Updates.AdjustTemperature
///   θ̄_i ← τ θ_i + (1 − τ) θ̄_i                                          TargetCritics.Track
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>Actions are uniformly random until learning starts; the workers' noise may be correlated in time instead, for envs with inertia.</item>
/// <item>log α is learned rather than α, so that it stays above 0: the gradient of −log α (log π + H̄), as in the author's code.</item>
/// <item>The policy is improved with the critics of this update, not those before it.</item>
/// <item>n-step transitions (without the entropy of the steps between) and prioritized replay are switches.</item>
/// <item>A truncated episode is not a terminal one: its final observation bootstraps.</item>
/// </list>
/// <para>Hot path: nothing here allocates once constructed (fused engine).</para>
/// </remarks>
public static class SAC
{
    /// <summary>y = R + discount · (min_i Q⁻_i(s′, a′) − α log π(a′ | s′)).</summary>
    public static float Target(float reward, float discount, ReadOnlySpan<float> nextValues, float temperature, float nextLogProbability) =>
        reward + discount * (ContinuousControl.Minimum(nextValues) - temperature * nextLogProbability);

    /// <summary>How a worker acts: it samples the policy; evenly over the action space before learning starts, unless its noise is correlated.</summary>
    /// <remarks>Correlated noise: ε ← ρ ε + √(1 − ρ²) N(0, 1) from 0 at each episode's start: after some steps each is N(0, 1) again, as the policy has it. See O. Eberhard et al., "Pink Noise Is All You Need" (2023).</remarks>
    /// <param name="network">A local copy of the policy; owned from now on.</param>
    /// <param name="learningStarts">Global step of the first update.</param>
    /// <param name="correlation">ρ, 0 to below 1.</param>
    public sealed class Behaviour(INetwork network, long learningStarts, double correlation) : IBehaviour
    {
        private readonly SquashedGaussian distribution = new(network.Spec.Outputs / 2);
        private readonly float[] epsilon = new float[network.Spec.Outputs / 2];

        /// <inheritdoc/>
        public void Load(ReadOnlySpan<float> parameters) => network.Load(parameters);

        /// <inheritdoc/>
        public void Act(ReadOnlySpan<float> observation, long step, RandomStream random, Span<float> action, ReadOnlySpan<bool> allowed = default)
        {
            if (step < learningStarts && correlation == 0)
            {
                foreach (ref var component in action)
                    component = (float)(2 * random.NextDouble() - 1);
                return;
            }
            foreach (ref var noise in epsilon.AsSpan())
                noise = (float)(correlation * noise + Math.Sqrt(1 - correlation * correlation) * random.NextNormal());
            distribution.Transform(network.Forward(observation), epsilon, action);
        }

        /// <inheritdoc/>
        public void BeginEpisode() => Array.Clear(epsilon);

        /// <inheritdoc/>
        public void Visit(IStateVisitor state) => state.Visit("noise", epsilon);

        /// <inheritdoc/>
        public void Dispose() => network.Dispose();
    }

    /// <summary>Q⁻_1 and Q⁻_2.</summary>
    public sealed class TargetCritics : ITargetNetwork
    {
        private readonly INetwork critics;
        private readonly float[] parameters;
        private readonly float[] joined;
        private readonly int offset;

        /// <summary>Takes the network over.</summary>
        /// <param name="critics">Q⁻'s network of [s, a].</param>
        /// <param name="parameters">All of the learner's [P].</param>
        /// <param name="offset">Where the critics' are among them.</param>
        public TargetCritics(INetwork critics, ReadOnlySpan<float> parameters, int offset)
        {
            (this.critics, this.offset) = (critics, offset);
            this.parameters = parameters.Slice(offset, critics.Layout.Count).ToArray();
            joined = new float[critics.RowCapacity * critics.Spec.Inputs];
            critics.Load(this.parameters);
        }

        /// <inheritdoc/>
        public void Track(ReadOnlySpan<float> parameters, float rate)
        {
            TensorPrimitives.Lerp(this.parameters, parameters.Slice(offset, this.parameters.Length), rate, this.parameters);
            critics.Load(this.parameters);
        }

        /// <summary>Writes Q⁻(s′, a′) [B, 2] for the actions that the learner proposed.</summary>
        public void Evaluate(Minibatch minibatch)
        {
            ContinuousControl.Join(minibatch.NextObservations, minibatch.NextActions, minibatch.Count, joined);
            critics.Forward(joined).CopyTo(minibatch.TargetOutputs);
        }

        /// <inheritdoc/>
        public void Visit(IStateVisitor state)
        {
            state.Visit("parameters", parameters);
            if (state.IsRestoring)
                critics.Load(parameters);
        }

        /// <inheritdoc/>
        public void Dispose() => critics.Dispose();
    }

    /// <summary>π, Q_1, Q_2, α and their updates. Parameters: the policy's, the critics', log α.</summary>
    public sealed class Updates : IReplayUpdate
    {
        private readonly SACSettings settings;
        private readonly INetwork policy;
        private readonly INetwork critics;
        private readonly float[] parameters;
        private readonly RandomStream random;
        private readonly SquashedGaussian distribution;
        private readonly TrainedNetwork policyTraining;
        private readonly TrainedNetwork criticTraining;
        private readonly IOptimizer temperatureOptimizer;
        private readonly float[] values;
        private readonly float[] targets;
        private readonly float[] valueGradients;
        private readonly float[] rows;
        private readonly float[] rowGradients;
        private readonly float[] epsilons;
        private readonly float[] actions;
        private readonly float[] logProbabilities;
        private readonly float[] joined;
        private readonly float[] joinedGradients;

        /// <summary>Takes everything over.</summary>
        /// <param name="settings">The hyperparameters.</param>
        /// <param name="policy">The policy's network.</param>
        /// <param name="critics">The network of both critics, of [s, a]; it remembers B rows like the policy's.</param>
        /// <param name="parameters">θ [P].</param>
        /// <param name="makeOptimizer">The update rule of a number of parameters.</param>
        /// <param name="random">Where the policy's samples come from.</param>
        public Updates(SACSettings settings, INetwork policy, INetwork critics, float[] parameters, Func<int, IOptimizer> makeOptimizer, RandomStream random)
        {
            (this.settings, this.policy, this.critics, this.parameters, this.random) = (settings, policy, critics, parameters, random);
            distribution = new SquashedGaussian(policy.Spec.Outputs / 2);
            (policyTraining, criticTraining) = (new TrainedNetwork(policy, PolicyParameters, makeOptimizer), new TrainedNetwork(critics, CriticParameters, makeOptimizer));
            temperatureOptimizer = makeOptimizer(1);
            var batch = settings.BatchSize;
            values = new float[2 * batch];
            targets = new float[batch];
            valueGradients = new float[2 * batch];
            rows = new float[batch * policy.Spec.Outputs];
            rowGradients = new float[rows.Length];
            epsilons = new float[batch * distribution.ActionSize];
            actions = new float[epsilons.Length];
            logProbabilities = new float[batch];
            joined = new float[batch * critics.Spec.Inputs];
            joinedGradients = new float[joined.Length];
        }

        /// <inheritdoc/>
        public ReadOnlySpan<float> Parameters
        {
            get
            {
                policyTraining.Gather();
                criticTraining.Gather();
                return parameters;
            }
        }

        /// <summary>No: the policy's latest parameters choose a′.</summary>
        public bool TargetsStandAlone => false;

        /// <summary>α.</summary>
        public float Temperature => MathF.Exp(parameters[^1]);

        private Memory<float> PolicyParameters => parameters.AsMemory(0, policy.Layout.Count);

        private Memory<float> CriticParameters => parameters.AsMemory(policy.Layout.Count, critics.Layout.Count);

        /// <summary>a′ ~ π(· | s′) and its log-probability.</summary>
        public void Propose(Minibatch minibatch) => Sample(minibatch.NextObservations, minibatch.NextActions, minibatch.NextLogProbabilities);

        /// <inheritdoc/>
        public void Predict(Minibatch minibatch)
        {
            ContinuousControl.Join(minibatch.Observations, minibatch.Actions, settings.BatchSize, joined);
            critics.Forward(joined).CopyTo(values);
            Sample(minibatch.Observations, actions, logProbabilities);
        }

        /// <inheritdoc/>
        public ActorCriticLosses Update(Minibatch minibatch, float learningRate)
        {
            for (var j = 0; j < targets.Length; j++)
                targets[j] = Target(
                    minibatch.Rewards[j], minibatch.Discounts[j], minibatch.TargetOutputs.AsSpan(2 * j, 2), Temperature, minibatch.NextLogProbabilities[j]);
            var valueLoss = ContinuousControl.CriticLoss(minibatch, values, targets, valueGradients);
            var norm = criticTraining.Descend(valueGradients, settings.MaximumGradientNorm, learningRate);
            if (!float.IsFinite(norm))
                return new ActorCriticLosses(double.NaN, valueLoss, double.NaN, norm);
            var entropy = -TensorPrimitives.Average<float>(logProbabilities);
            var policyRate = learningRate * (float)settings.PolicyRateFactor;
            var policyLoss = ImprovePolicy(minibatch, policyRate, ref norm);
            if (settings.LearnTemperature)
                AdjustTemperature(entropy, policyRate);
            return new ActorCriticLosses(policyLoss, valueLoss, entropy, norm);
        }

        /// <summary>Descends mean α log π(a | s) − min_i Q_i(s, a), a = tanh(μ + σ ε), through the smaller critic's input; returns it.</summary>
        private double ImprovePolicy(Minibatch minibatch, float rate, ref float norm)
        {
            var (size, actionSize, width) = (settings.BatchSize, distribution.ActionSize, critics.Spec.Inputs);
            ContinuousControl.Join(minibatch.Observations, actions, size, joined);
            var judged = critics.Forward(joined);
            var loss = 0.0;
            for (var j = 0; j < size; j++)
            {
                var first = judged[2 * j] <= judged[2 * j + 1];
                (valueGradients[2 * j], valueGradients[2 * j + 1]) = first ? (-1f / size, 0f) : (0f, -1f / size);
                loss += Temperature * logProbabilities[j] - judged[first ? 2 * j : 2 * j + 1];
            }
            critics.Backward(valueGradients, default, joinedGradients);
            for (var j = 0; j < size; j++)
                distribution.Gradient(
                    rows.AsSpan(2 * j * actionSize, 2 * actionSize), epsilons.AsSpan(j * actionSize, actionSize), actions.AsSpan(j * actionSize, actionSize),
                    Temperature / size, joinedGradients.AsSpan((j + 1) * width - actionSize, actionSize), rowGradients.AsSpan(2 * j * actionSize, 2 * actionSize));
            norm = MathF.Max(norm, policyTraining.Descend(rowGradients, settings.MaximumGradientNorm, rate));
            return loss / size;
        }

        /// <summary>∂/∂ log α of −log α (log π + H̄) is H(π) − H̄: too much entropy lowers α.</summary>
        private void AdjustTemperature(float entropy, float rate)
        {
            var slope = entropy + (float)settings.TargetEntropyFactor * distribution.ActionSize;
            if (float.IsFinite(slope))
                temperatureOptimizer.Update(parameters.AsSpan(^1..), [slope], rate);
        }

        private void Sample(ReadOnlySpan<float> observations, Span<float> into, Span<float> logs)
        {
            policy.Forward(observations).CopyTo(rows);
            var size = distribution.ActionSize;
            for (var j = 0; j < logs.Length; j++)
                logs[j] = distribution.Sample(rows.AsSpan(2 * j * size, 2 * size), random, epsilons.AsSpan(j * size, size), into.Slice(j * size, size));
        }

        /// <inheritdoc/>
        public void Visit(IStateVisitor state)
        {
            policyTraining.Gather();
            criticTraining.Gather();
            state.Visit("parameters", parameters);
            policyTraining.VisitOptimizer(state, "policy-optimizer");
            criticTraining.VisitOptimizer(state, "critic-optimizer");
            state.Visit("temperature-optimizer", temperatureOptimizer);
            state.Visit("random", random);
            if (!state.IsRestoring)
                return;
            policyTraining.Load();
            criticTraining.Load();
        }


        /// <inheritdoc/>
        public void Dispose()
        {
            policy.Dispose();
            critics.Dispose();
        }
    }
}
