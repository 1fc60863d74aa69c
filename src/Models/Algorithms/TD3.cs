using System.Numerics.Tensors;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Twin delayed DDPG: two critics regress on the smaller of their targets at a disturbed target action, and the policy follows the first one, less often.
/// </summary>
/// <remarks>
/// <para>Source: S. Fujimoto et al., "Addressing Function Approximation Error in Actor-Critic Methods" (2018), Algorithm 1:</para>
/// <code>
/// initialize critics Q_1, Q_2, actor π, targets with the same weights, replay B
/// for t = 1 to T do
///   select a ~ π(s) + ε, ε ~ N(0, σ); observe r and s′; store in B     DeterministicBehaviour.Act, the worker, the replay
///   sample a minibatch of N transitions (s, a, r, s′)                  the replay
///   ã ← π′(s′) + clip(N(0, σ̃), −c, c)                                  TargetNetworks.Evaluate
///   y ← r + γ min_i Q′_i(s′, ã)                                        Target
///   update critics: minimise 1/N Σ (y − Q_i(s, a))²                    Updates.Update
///   if t mod d then
///     update the actor by 1/N Σ ∇_a Q_1(s, a)|a=π(s) ∇ π(s)            Updates.ImprovePolicy
///     update targets: θ′ ← τ θ + (1 − τ) θ′                            TargetNetworks.Track
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>Actions are uniformly random until learning starts, and noise may be Ornstein-Uhlenbeck's. ã is clipped to the action space, as in the author's code.</item>
/// <item>Targets move every target-interval updates; set it to d for the paper's.</item>
/// <item>n-step transitions and prioritized replay are switches; the critics' loss has a factor of ½ and the replay's weights.</item>
/// <item>A truncated episode is not a terminal one: its final observation bootstraps.</item>
/// </list>
/// <para>Hot path: nothing here allocates once constructed (fused engine).</para>
/// </remarks>
public static class TD3
{
    /// <summary>y = R + discount · min_i Q⁻_i(s′, ã), the target networks' word on s′.</summary>
    public static float Target(float reward, float discount, ReadOnlySpan<float> nextValues) => reward + discount * ContinuousControl.Minimum(nextValues);

    /// <summary>μ⁻ and Q⁻.</summary>
    public sealed class TargetNetworks : ITargetNetwork
    {
        private readonly INetwork policy;
        private readonly INetwork critics;
        private readonly TD3Settings settings;
        private readonly RandomStream random;
        private readonly float[] parameters;
        private readonly float[] actions;
        private readonly float[] joined;

        /// <summary>Takes everything over.</summary>
        /// <param name="policy">μ⁻'s network.</param>
        /// <param name="critics">Q⁻'s network of [s, a].</param>
        /// <param name="parameters">θ⁻ [P], the policy's first.</param>
        /// <param name="settings">The noise.</param>
        /// <param name="random">Where it comes from.</param>
        public TargetNetworks(INetwork policy, INetwork critics, float[] parameters, TD3Settings settings, RandomStream random)
        {
            (this.policy, this.critics, this.parameters) = (policy, critics, parameters);
            (this.settings, this.random) = (settings, random);
            actions = new float[policy.RowCapacity * policy.Spec.Outputs];
            joined = new float[critics.RowCapacity * critics.Spec.Inputs];
            Load();
        }

        /// <inheritdoc/>
        public void Track(ReadOnlySpan<float> parameters, float rate)
        {
            TensorPrimitives.Lerp(this.parameters, parameters, rate, this.parameters);
            Load();
        }

        /// <summary>Writes Q⁻(s′, a′) [B, 2], a′ = tanh μ⁻(s′) with clipped noise.</summary>
        public void Evaluate(Minibatch minibatch)
        {
            TensorPrimitives.Tanh(policy.Forward(minibatch.NextObservations), actions);
            var bound = settings.TargetNoiseBound;
            foreach (ref var action in actions.AsSpan())
                action = Math.Clamp(action + (float)Math.Clamp(settings.TargetNoise * random.NextNormal(), -bound, bound), -1, 1);
            ContinuousControl.Join(minibatch.NextObservations, actions, minibatch.Count, joined);
            critics.Forward(joined).CopyTo(minibatch.TargetOutputs);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            policy.Dispose();
            critics.Dispose();
        }

        /// <inheritdoc/>
        public void Visit(IStateVisitor state)
        {
            state.Visit("parameters", parameters);
            state.Visit("random", random);
            if (state.IsRestoring)
                Load();
        }

        private void Load()
        {
            policy.Load(parameters.AsSpan(0, policy.Layout.Count));
            critics.Load(parameters.AsSpan(policy.Layout.Count));
        }
    }

    /// <summary>μ, Q and their updates.</summary>
    public sealed class Updates : IReplayUpdate
    {
        private readonly TD3Settings settings;
        private readonly INetwork policy;
        private readonly INetwork critics;
        private readonly INetwork judge;
        private readonly float[] parameters;
        private readonly TrainedNetwork policyTraining;
        private readonly TrainedNetwork criticTraining;
        private readonly float[] values;
        private readonly float[] targets;
        private readonly float[] valueGradients;
        private readonly float[] actions;
        private readonly float[] actionGradients;
        private readonly float[] joined;
        private readonly float[] joinedGradients;
        private long updates;
        private double latestPolicyLoss;

        /// <summary>Takes everything over.</summary>
        /// <param name="settings">The hyperparameters.</param>
        /// <param name="policy">μ's network.</param>
        /// <param name="critics">Q's network of [s, a], which remembers B rows like the others.</param>
        /// <param name="judge">The network of the first critic alone, which the policy climbs.</param>
        /// <param name="parameters">θ [P], the policy's first.</param>
        /// <param name="makeOptimizer">The update rule of a number of parameters.</param>
        public Updates(TD3Settings settings, INetwork policy, INetwork critics, INetwork judge, float[] parameters, Func<int, IOptimizer> makeOptimizer)
        {
            (this.settings, this.policy, this.critics, this.judge, this.parameters) = (settings, policy, critics, judge, parameters);
            (policyTraining, criticTraining) = (new TrainedNetwork(policy, PolicyParameters, makeOptimizer), new TrainedNetwork(critics, CriticParameters, makeOptimizer));
            values = new float[settings.BatchSize * critics.Spec.Outputs];
            targets = new float[settings.BatchSize];
            valueGradients = new float[values.Length];
            actions = new float[settings.BatchSize * policy.Spec.Outputs];
            actionGradients = new float[actions.Length];
            joined = new float[settings.BatchSize * critics.Spec.Inputs];
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

        /// <inheritdoc/>
        public bool TargetsStandAlone => true;

        private Memory<float> PolicyParameters => parameters.AsMemory(0, policy.Layout.Count);

        private Memory<float> CriticParameters => parameters.AsMemory(policy.Layout.Count);

        /// <inheritdoc/>
        public void Propose(Minibatch minibatch) { }

        /// <inheritdoc/>
        public void Predict(Minibatch minibatch)
        {
            ContinuousControl.Join(minibatch.Observations, minibatch.Actions, settings.BatchSize, joined);
            critics.Forward(joined).CopyTo(values);
            if ((updates + 1) % settings.PolicyDelay == 0)
                TensorPrimitives.Tanh(policy.Forward(minibatch.Observations), actions);
        }

        /// <inheritdoc/>
        public ActorCriticLosses Update(Minibatch minibatch, float learningRate)
        {
            for (var j = 0; j < targets.Length; j++)
                targets[j] = Target(minibatch.Rewards[j], minibatch.Discounts[j], minibatch.TargetOutputs.AsSpan(2 * j, 2));
            var valueLoss = ContinuousControl.CriticLoss(minibatch, values, targets, valueGradients);
            var norm = criticTraining.Descend(valueGradients, settings.MaximumGradientNorm, learningRate);
            if (!float.IsFinite(norm))
                return new ActorCriticLosses(double.NaN, valueLoss, double.NaN, norm);
            var policyLoss = ++updates % settings.PolicyDelay == 0 ? ImprovePolicy(minibatch, learningRate, ref norm) : latestPolicyLoss;
            latestPolicyLoss = policyLoss;
            return new ActorCriticLosses(policyLoss, valueLoss, double.NaN, norm);
        }

        /// <summary>Ascends mean Q(s, tanh μ(s)): ∂L/∂a through the critic's inputs, then through the policy. Returns L = −mean Q.</summary>
        private double ImprovePolicy(Minibatch minibatch, float learningRate, ref float norm)
        {
            var (size, width, actionSize) = (settings.BatchSize, critics.Spec.Inputs, policy.Spec.Outputs);
            ContinuousControl.Join(minibatch.Observations, actions, size, joined);
            judge.Load(criticTraining.Gather()[..judge.Layout.Count]);
            var loss = -TensorPrimitives.Sum(judge.Forward(joined)) / size;
            var ascent = valueGradients.AsSpan(0, size);
            ascent.Fill(-1f / size);
            judge.Backward(ascent, default, joinedGradients);
            for (var j = 0; j < size; j++)
                for (var i = 0; i < actionSize; i++)
                {
                    // ∂tanh u/∂u = 1 − tanh² u.
                    var action = actions[j * actionSize + i];
                    actionGradients[j * actionSize + i] = joinedGradients[j * width + width - actionSize + i] * (1 - action * action);
                }
            norm = MathF.Max(norm, policyTraining.Descend(actionGradients, settings.MaximumGradientNorm, learningRate * (float)settings.PolicyRateFactor));
            return loss;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            policy.Dispose();
            critics.Dispose();
            if (judge != critics)
                judge.Dispose();
        }

        /// <inheritdoc/>
        public void Visit(IStateVisitor state)
        {
            policyTraining.Gather();
            criticTraining.Gather();
            state.Visit("parameters", parameters);
            policyTraining.VisitOptimizer(state, "policy-optimizer");
            criticTraining.VisitOptimizer(state, "critic-optimizer");
            state.Visit("updates", ref updates);
            state.Visit("latest-policy-loss", ref latestPolicyLoss);
            if (!state.IsRestoring)
                return;
            policyTraining.Load();
            criticTraining.Load();
        }

    }
}
