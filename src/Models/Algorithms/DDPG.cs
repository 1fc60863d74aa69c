using System.Numerics.Tensors;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Deep deterministic policy gradient: regress a critic Q(s, a) on r + γ Q⁻(s′, μ⁻(s′)), and move the policy μ up the critic's slope in a.
/// </summary>
/// <remarks>
/// <para>Source: T. Lillicrap et al., "Continuous control with deep reinforcement learning" (2016), Algorithm 1:</para>
/// <code>
/// initialize critic Q(s, a | θ^Q), actor μ(s | θ^μ), targets Q′, μ′ with the same weights, replay R
/// for t = 1, T do
///   select a_t = μ(s_t) + N_t by a noise process N                    DeterministicBehaviour.Act
///   execute a_t, observe r_t, s_{t+1}; store the transition in R      the worker, the replay
///   sample a minibatch of N transitions (s_i, a_i, r_i, s_{i+1})      the replay
///   y_i = r_i + γ Q′(s_{i+1}, μ′(s_{i+1}))                            TargetNetworks.Evaluate, Target
///   update the critic by L = 1/N Σ (y_i − Q(s_i, a_i))²               Updates.Update
///   update the actor by 1/N Σ ∇_a Q(s_i, a)|a=μ(s_i) ∇ μ(s_i)         Updates.ImprovePolicy
///   θ′ ← τ θ + (1 − τ) θ′                                             TargetNetworks.Track
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>Actions are uniformly random until learning starts; noise may be Gaussian; the action executed is clipped to the action space, and that one is stored.</item>
/// <item>No batch normalisation, no weight decay; the critic takes the action at its first layer.</item>
/// <item>n-step transitions and prioritized replay are switches; the critic's loss has a factor of ½ and the replay's weights.</item>
/// <item>A truncated episode is not a terminal one: its final observation bootstraps.</item>
/// </list>
/// <para>Hot path: nothing here allocates once constructed (fused engine).</para>
/// </remarks>
public static class DDPG
{
    /// <summary>y = R + discount · Q⁻(s′, tanh μ⁻(s′)), the target networks' word on s′.</summary>
    public static float Target(float reward, float discount, float nextValue) => reward + discount * nextValue;

    /// <summary>μ⁻ and Q⁻.</summary>
    public sealed class TargetNetworks : ITargetNetwork
    {
        private readonly INetwork policy;
        private readonly INetwork critics;
        private readonly float[] parameters;
        private readonly float[] actions;
        private readonly float[] joined;

        /// <summary>Takes everything over.</summary>
        /// <param name="policy">μ⁻'s network.</param>
        /// <param name="critics">Q⁻'s network of [s, a].</param>
        /// <param name="parameters">θ⁻ [P], the policy's first.</param>
        public TargetNetworks(INetwork policy, INetwork critics, float[] parameters)
        {
            (this.policy, this.critics, this.parameters) = (policy, critics, parameters);
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

        /// <summary>Writes Q⁻(s′, a′) [B, 1], a′ = tanh μ⁻(s′).</summary>
        public void Evaluate(Minibatch minibatch)
        {
            TensorPrimitives.Tanh(policy.Forward(minibatch.NextObservations), actions);
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
        private readonly DDPGSettings settings;
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

        /// <summary>Takes everything over.</summary>
        /// <param name="settings">The hyperparameters.</param>
        /// <param name="policy">μ's network.</param>
        /// <param name="critics">Q's network of [s, a], which remembers B rows like the others.</param>
        /// <param name="judge">The network of the critic that the policy climbs, <paramref name="critics"/> itself.</param>
        /// <param name="parameters">θ [P], the policy's first.</param>
        /// <param name="makeOptimizer">The update rule of a number of parameters.</param>
        public Updates(DDPGSettings settings, INetwork policy, INetwork critics, INetwork judge, float[] parameters, Func<int, IOptimizer> makeOptimizer)
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
            TensorPrimitives.Tanh(policy.Forward(minibatch.Observations), actions);
        }

        /// <inheritdoc/>
        public ActorCriticLosses Update(Minibatch minibatch, float learningRate)
        {
            for (var j = 0; j < targets.Length; j++)
                targets[j] = Target(minibatch.Rewards[j], minibatch.Discounts[j], minibatch.TargetOutputs[j]);
            var valueLoss = ContinuousControl.CriticLoss(minibatch, values, targets, valueGradients);
            var norm = criticTraining.Descend(valueGradients, settings.MaximumGradientNorm, learningRate);
            if (!float.IsFinite(norm))
                return new ActorCriticLosses(double.NaN, valueLoss, double.NaN, norm);
            var policyLoss = ImprovePolicy(minibatch, learningRate, ref norm);
            return new ActorCriticLosses(policyLoss, valueLoss, double.NaN, norm);
        }

        /// <summary>Ascends mean Q(s, tanh μ(s)): ∂L/∂a through the critic's inputs, then through the policy. Returns L = −mean Q.</summary>
        private double ImprovePolicy(Minibatch minibatch, float learningRate, ref float norm)
        {
            var (size, width, actionSize) = (settings.BatchSize, critics.Spec.Inputs, policy.Spec.Outputs);
            ContinuousControl.Join(minibatch.Observations, actions, size, joined);
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
            if (!state.IsRestoring)
                return;
            policyTraining.Load();
            criticTraining.Load();
        }

    }
}
