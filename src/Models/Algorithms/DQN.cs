using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Deep Q-learning: regress Q(s, a) on r + γ max Q⁻(s′, ·) over remembered transitions, where Q⁻ is an older Q, and act ε-greedily.
/// </summary>
/// <remarks>
/// <para>Source: V. Mnih et al., "Human-level control through deep reinforcement learning" (2015), Algorithm 1:</para>
/// <code>
/// initialize replay memory D, action-value function Q with θ, target Q⁻ with θ⁻ = θ
/// for t = 1, T do
///   with probability ε select a random action a_t                    Behaviour.Act
///   otherwise select a_t = argmax_a Q(s_t, a; θ)
///   execute a_t, observe r_t and s_{t+1}; store (s_t, a_t, r_t, s_{t+1}) in D     the worker, NStepTransitions, the replay
///   sample a minibatch of transitions (s_j, a_j, r_j, s_{j+1}) from D              the replay
///   set y_j = r_j if the episode terminates at j + 1,                Target
///           = r_j + γ max_a′ Q⁻(s_{j+1}, a′; θ⁻) otherwise
///   perform a gradient descent step on (y_j − Q(s_j, a_j; θ))²       Updates.Update
///   every C steps reset Q⁻ = Q                                       TargetQ.Track
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>Double (H. van Hasselt et al. 2016, eq. 4): y = r + γ Q⁻(s′, argmax_a′ Q(s′, a′; θ); θ⁻). A switch.</item>
/// <item>Dueling heads (Z. Wang et al. 2016), n-step transitions and prioritized replay (T. Schaul et al. 2016), each a switch; the replay weighs row j with w_j.</item>
/// <item>C counts updates, and a reset may be soft: θ⁻ ← τ θ + (1 − τ) θ⁻ (T. Lillicrap et al. 2016).</item>
/// <item>The loss is Huber's, whose derivative is the paper's clipped error; the gradient is averaged over the minibatch and clipped by its norm.</item>
/// <item>A truncated episode is not a terminal one: its final observation bootstraps.</item>
/// </list>
/// <para>Hot path: nothing here allocates once constructed (fused engine).</para>
/// </remarks>
public static class DQN
{
    /// <summary>Q's network: one column an action, or a value and an advantage each.</summary>
    public static NetworkSpec Network(int observationSize, int actions, bool dueling, NetworkSettings settings)
    {
        var advantages = new HeadSpec("advantage", actions, 1);
        return !dueling ? new NetworkSpec(observationSize, settings.Activation, [new TowerSpec(settings.Hidden, [new HeadSpec("q", actions, 1)])])
            : settings.SharedTrunk ? new NetworkSpec(observationSize, settings.Activation, [new TowerSpec(settings.Hidden, [new HeadSpec("value", 1, 1), advantages])])
            : new NetworkSpec(observationSize, settings.Activation, [new TowerSpec(settings.Hidden, [new HeadSpec("value", 1, 1)]), new TowerSpec(settings.Hidden, [advantages])]);
    }

    /// <summary>argmax_a Q(a) of one output row; of equals the first. Advantages alone decide when the heads are dueling.</summary>
    public static int Greedy(ReadOnlySpan<float> row, bool dueling)
    {
        var values = dueling ? row[1..] : row;
        var best = 0;
        for (var action = 1; action < values.Length; action++)
            if (values[action] > values[best])
                best = action;
        return best;
    }

    /// <summary>y = R + discount · Q⁻(s′, a′), with a′ the best action of <paramref name="judge"/>: the target's own row, or (double) the online one.</summary>
    /// <param name="reward">R.</param>
    /// <param name="discount">γ^k, or 0 where the MDP terminated.</param>
    /// <param name="target">Q⁻(s′, ·) as the network puts it out [H].</param>
    /// <param name="judge">The row that chooses a′ [H].</param>
    /// <param name="dueling">Whether rows are a value and advantages.</param>
    public static float Target(float reward, float discount, ReadOnlySpan<float> target, ReadOnlySpan<float> judge, bool dueling) =>
        reward + discount * Value(target, Greedy(judge, dueling), dueling);

    /// <summary>Q(a) of one output row.</summary>
    public static float Value(ReadOnlySpan<float> row, int action, bool dueling)
    {
        if (!dueling)
            return row[action];
        Span<float> values = stackalloc float[row.Length - 1];
        DuelingHead.Combine(row, values);
        return values[action];
    }

    /// <summary>How a worker acts: ε-greedily.</summary>
    /// <param name="settings">The hyperparameters.</param>
    /// <param name="network">A local copy of Q; owned from now on.</param>
    /// <param name="actions">How many actions there are.</param>
    /// <param name="totalSteps">Env steps of the run.</param>
    public sealed class Behaviour(DQNSettings settings, INetwork network, int actions, long totalSteps) : IBehaviour
    {
        private readonly LearningRateSchedule epsilon = new((float)settings.Epsilon, (float)settings.FinalEpsilon, (long)(settings.ExplorationFraction * totalSteps));

        /// <inheritdoc/>
        public void Load(ReadOnlySpan<float> parameters) => network.Load(parameters);

        /// <inheritdoc/>
        public void Act(ReadOnlySpan<float> observation, long step, RandomStream random, Span<float> action) =>
            action[0] = random.NextDouble() < epsilon.At(step) ? random.NextInteger(actions) : Greedy(network.Forward(observation), settings.Dueling);

        /// <inheritdoc/>
        public void BeginEpisode() { }

        /// <inheritdoc/>
        public void Dispose() => network.Dispose();
    }

    /// <summary>Q⁻.</summary>
    /// <param name="network">Its network; owned from now on.</param>
    /// <param name="parameters">θ⁻ [P]; owned from now on.</param>
    public sealed class TargetQ(INetwork network, float[] parameters) : ITargetNetwork
    {
        private readonly TrackedParameters tracked = new(network, parameters);

        /// <inheritdoc/>
        public void Track(ReadOnlySpan<float> parameters, float rate) => tracked.Track(parameters, rate);

        /// <summary>Writes Q⁻(s′, ·) [B, H].</summary>
        public void Evaluate(Minibatch minibatch) => network.Forward(minibatch.NextObservations).CopyTo(minibatch.TargetOutputs);

        /// <inheritdoc/>
        public void Visit(IStateVisitor state) => tracked.Visit(state);

        /// <inheritdoc/>
        public void Dispose() => network.Dispose();
    }

    /// <summary>Q and its updates.</summary>
    public sealed class Updates : IReplayUpdate
    {
        private readonly DQNSettings settings;
        private readonly INetwork network;
        private readonly float[] parameters;
        private readonly IOptimizer optimizer;
        private readonly float[] online;
        private readonly float[] next;
        private readonly float[] outputGradients;
        private readonly float[] gradient;

        /// <summary>Takes everything over.</summary>
        /// <param name="settings">The hyperparameters.</param>
        /// <param name="network">Q's network, which remembers 2 B rows: those of s, and for double those of s′.</param>
        /// <param name="parameters">θ [P].</param>
        /// <param name="optimizer">The update rule.</param>
        public Updates(DQNSettings settings, INetwork network, float[] parameters, IOptimizer optimizer)
        {
            (this.settings, this.network, this.parameters, this.optimizer) = (settings, network, parameters, optimizer);
            ArgumentOutOfRangeException.ThrowIfLessThan(network.RowCapacity, 2 * settings.BatchSize, "network.RowCapacity");
            online = new float[settings.BatchSize * network.Spec.Outputs];
            next = new float[online.Length];
            outputGradients = new float[online.Length];
            gradient = new float[parameters.Length];
            network.Load(parameters);
        }

        /// <inheritdoc/>
        public ReadOnlySpan<float> Parameters => parameters;

        /// <inheritdoc/>
        public bool TargetsStandAlone => true;

        /// <inheritdoc/>
        public void Propose(Minibatch minibatch) { }

        /// <inheritdoc/>
        public void Predict(Minibatch minibatch)
        {
            network.Forward(minibatch.Observations).CopyTo(online);
            if (settings.DoubleQ)
                network.Forward(minibatch.NextObservations, settings.BatchSize).CopyTo(next);
        }

        /// <inheritdoc/>
        public ActorCriticLosses Update(Minibatch minibatch, float learningRate)
        {
            var loss = LossGradient(minibatch);
            network.Backward(outputGradients, gradient);
            var norm = GradientClipping.ClipByGlobalNorm(gradient, settings.MaximumGradientNorm > 0 ? (float)settings.MaximumGradientNorm : float.PositiveInfinity);
            if (float.IsFinite(norm))
            {
                optimizer.Update(parameters, gradient, learningRate);
                network.Load(parameters);
            }
            return new ActorCriticLosses(double.NaN, loss, double.NaN, norm);
        }

        /// <summary>L = mean w_j Huber(Q(s_j, a_j) − y_j); writes ∂L/∂outputs, which is zero but for the row's action.</summary>
        private double LossGradient(Minibatch minibatch)
        {
            var (size, width) = (minibatch.Count, network.Spec.Outputs);
            var judge = settings.DoubleQ ? next : minibatch.TargetOutputs;
            var loss = 0.0;
            Array.Clear(outputGradients);
            for (var j = 0; j < size; j++)
            {
                var y = Target(
                    minibatch.Rewards[j], minibatch.Discounts[j], minibatch.TargetOutputs.AsSpan(j * width, width), judge.AsSpan(j * width, width), settings.Dueling);
                var action = (int)minibatch.Actions[j];
                var error = Value(online.AsSpan(j * width, width), action, settings.Dueling) - y;
                var derivative = minibatch.Weights[j] * Huber.Derivative(error) / size;
                if (settings.Dueling)
                    DuelingHead.Differentiate(action, derivative, outputGradients.AsSpan(j * width, width));
                else
                    outputGradients[j * width + action] = derivative;
                minibatch.AbsoluteErrors[j] = MathF.Abs(error);
                loss += minibatch.Weights[j] * Huber.Loss(error);
            }
            return loss / size;
        }

        /// <inheritdoc/>
        public void Visit(IStateVisitor state)
        {
            state.Visit("parameters", parameters);
            state.Visit("optimizer", optimizer);
            if (state.IsRestoring)
                network.Load(parameters);
        }

        /// <inheritdoc/>
        public void Dispose() => network.Dispose();
    }
}
