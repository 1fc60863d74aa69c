using AkkaRL.Models.Distributions;
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
///   set y_j = r_j if the episode terminates at j + 1,                QHead.Differentiate
///           = r_j + γ max_a′ Q⁻(s_{j+1}, a′; θ⁻) otherwise
///   perform a gradient descent step on (y_j − Q(s_j, a_j; θ))²       Updates.Update
///   every C steps reset Q⁻ = Q                                       TargetQ.Track
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>Double (H. van Hasselt et al. 2016, eq. 4): y = r + γ Q⁻(s′, argmax_a′ Q(s′, a′; θ); θ⁻). A switch.</item>
/// <item>Dueling heads (Z. Wang et al. 2016), n-step transitions and prioritized replay (T. Schaul et al. 2016), each a switch; the replay weighs row j with w_j.</item>
/// <item>Categorical, or C51 (M. Bellemare et al. 2017): the network learns the distribution of the return over atoms, by its cross-entropy with the
/// target's, projected on the atoms; actions are chosen by its mean, and rows prioritized by their divergence (<see cref="QHead"/>). A switch.</item>
/// <item>Noisy networks (M. Fortunato et al. 2018) in place of ε: weights carry learnt noise (<see cref="NoisyParameters"/>), drawn anew for every action, and
/// once an update each for Q(s), for Q⁻(s′) and (double) for the choice of a′; the greedy policy acts without. A switch. With all of these on
/// it is Rainbow (M. Hessel et al. 2018).</item>
/// <item>C counts updates, and a reset may be soft: θ⁻ ← τ θ + (1 − τ) θ⁻ (T. Lillicrap et al. 2016).</item>
/// <item>The loss is Huber's, whose derivative is the paper's clipped error; the gradient is averaged over the minibatch and clipped by its norm.</item>
/// <item>A truncated episode is not a terminal one: its final observation bootstraps.</item>
/// <item>Where the env masks actions, a_t and a′ are the best, or random, of those that their states allow.</item>
/// </list>
/// <para>Hot path: nothing here allocates once constructed (fused engine).</para>
/// </remarks>
public static class DQN
{
    /// <summary>Q's network: as many columns an action as there are atoms, one without; or so many of a value and of an advantage each.</summary>
    public static NetworkSpec Network(int observationSize, int actions, bool dueling, NetworkSettings settings, int atoms = 1)
    {
        var (value, advantages) = (new HeadSpec("value", atoms, 1), new HeadSpec("advantage", actions * atoms, 1));
        return !dueling ? new NetworkSpec(observationSize, settings.Activation, [new TowerSpec(settings.Hidden, [new HeadSpec("q", actions * atoms, 1)])])
            : settings.SharedTrunk ? new NetworkSpec(observationSize, settings.Activation, [new TowerSpec(settings.Hidden, [value, advantages])])
            : new NetworkSpec(observationSize, settings.Activation, [new TowerSpec(settings.Hidden, [value]), new TowerSpec(settings.Hidden, [advantages])]);
    }

    /// <summary>argmax_a Q(a) of one output row; of equals the first. Advantages alone decide when the heads are dueling.</summary>
    public static int Greedy(ReadOnlySpan<float> row, bool dueling) => ActionMask.Best([], dueling ? row[1..] : row);

    /// <summary>How a worker acts: ε-greedily, or greedily with fresh noise.</summary>
    public sealed class Behaviour : IBehaviour
    {
        private readonly QHead head;
        private readonly INetwork network;
        private readonly int actions;
        private readonly LearningRateSchedule epsilon;
        private readonly NoisyParameters? noise;
        private readonly float[] noisyParameters;

        /// <summary>Takes the network over.</summary>
        /// <param name="settings">The hyperparameters.</param>
        /// <param name="network">A local copy of Q.</param>
        /// <param name="actions">How many actions there are.</param>
        /// <param name="totalSteps">Env steps of the run.</param>
        public Behaviour(DQNSettings settings, INetwork network, int actions, long totalSteps)
        {
            (this.network, this.actions, head) = (network, actions, new QHead(actions, settings));
            epsilon = new LearningRateSchedule((float)settings.Epsilon, (float)settings.FinalEpsilon, (long)(settings.ExplorationFraction * totalSteps));
            noise = settings.Noisy ? new NoisyParameters(network.Spec) : null;
            noisyParameters = new float[settings.Noisy ? 2 * network.Layout.Count : 0];
        }

        /// <inheritdoc/>
        public void Load(ReadOnlySpan<float> parameters)
        {
            if (noise is null)
                network.Load(parameters);
            else
                parameters.CopyTo(noisyParameters);
        }

        /// <inheritdoc/>
        public void Act(ReadOnlySpan<float> observation, long step, RandomStream random, Span<float> action, ReadOnlySpan<bool> allowed = default)
        {
            if (noise is null)
            {
                action[0] = random.NextDouble() < epsilon.At(step) ? ActionMask.Draw(allowed, actions, random) : head.Greedy(network.Forward(observation), allowed);
                return;
            }
            noise.Draw(random);
            network.Load(noise.Weights(noisyParameters));
            action[0] = head.Greedy(network.Forward(observation), allowed);
        }

        /// <inheritdoc/>
        public void BeginEpisode() { }

        /// <inheritdoc/>
        public void Dispose() => network.Dispose();
    }

    /// <summary>Q⁻.</summary>
    public sealed class TargetQ : ITargetNetwork
    {
        private readonly INetwork network;
        private readonly TrackedParameters tracked;
        private readonly NoisyParameters? noise;
        private readonly RandomStream random;

        /// <summary>Takes everything over.</summary>
        /// <param name="settings">The hyperparameters.</param>
        /// <param name="network">Its network.</param>
        /// <param name="parameters">θ⁻ [P], or when noisy [2 P].</param>
        /// <param name="random">Where its noise comes from.</param>
        public TargetQ(DQNSettings settings, INetwork network, float[] parameters, RandomStream random)
        {
            (this.network, this.random) = (network, random);
            noise = settings.Noisy ? new NoisyParameters(network.Spec) : null;
            tracked = new TrackedParameters(network, parameters, loads: noise is null);
        }

        /// <inheritdoc/>
        public void Track(ReadOnlySpan<float> parameters, float rate) => tracked.Track(parameters, rate);

        /// <summary>Writes Q⁻(s′, ·) [B, H].</summary>
        public void Evaluate(Minibatch minibatch)
        {
            if (noise is not null)
            {
                noise.Draw(random);
                network.Load(noise.Weights(tracked.Parameters));
            }
            network.Forward(minibatch.NextObservations).CopyTo(minibatch.TargetOutputs);
        }

        /// <inheritdoc/>
        public void Visit(IStateVisitor state)
        {
            tracked.Visit(state);
            if (noise is not null)
                state.Visit("random", random);
        }

        /// <inheritdoc/>
        public void Dispose() => network.Dispose();
    }

    /// <summary>Q and its updates.</summary>
    public sealed class Updates : IReplayUpdate
    {
        private readonly DQNSettings settings;
        private readonly QHead head;
        private readonly INetwork network;
        private readonly float[] parameters;
        private readonly float[] online;
        private readonly float[] next;
        private readonly float[] outputGradients;
        private readonly RandomStream random;

        // Without noise.
        private readonly TrainedNetwork? trained;

        // With noise.
        private readonly NoisyParameters? noise;
        private readonly IOptimizer? optimizer;
        private readonly GradientStep? step;
        private readonly float[] weightGradient;
        private readonly float[] gradient;

        /// <summary>Takes everything over.</summary>
        /// <param name="settings">The hyperparameters.</param>
        /// <param name="network">Q's network, which remembers 2 B rows: those of s, and for double those of s′.</param>
        /// <param name="actions">How many actions there are.</param>
        /// <param name="parameters">θ [P], or when noisy [2 P].</param>
        /// <param name="makeOptimizer">The update rule of a number of parameters.</param>
        /// <param name="random">Where its noise comes from.</param>
        public Updates(DQNSettings settings, INetwork network, int actions, float[] parameters, Func<int, IOptimizer> makeOptimizer, RandomStream random)
        {
            (this.settings, this.network, this.parameters, this.random) = (settings, network, parameters, random);
            ArgumentOutOfRangeException.ThrowIfLessThan(network.RowCapacity, 2 * settings.BatchSize, "network.RowCapacity");
            head = new QHead(actions, settings);
            online = new float[settings.BatchSize * network.Spec.Outputs];
            next = new float[online.Length];
            outputGradients = new float[online.Length];
            gradient = new float[settings.Noisy ? parameters.Length : 0];
            weightGradient = new float[settings.Noisy ? network.Layout.Count : 0];
            if (settings.Noisy)
                (noise, optimizer, step) = (new NoisyParameters(network.Spec), makeOptimizer(parameters.Length), new GradientStep(ParameterPieces.Whole(parameters.Length)));
            else
                trained = new TrainedNetwork(network, parameters, makeOptimizer);
        }

        /// <inheritdoc/>
        public ReadOnlySpan<float> Parameters => trained is null ? parameters : trained.Gather();

        /// <inheritdoc/>
        public bool TargetsStandAlone => true;

        /// <inheritdoc/>
        public void Propose(Minibatch minibatch) { }

        /// <summary>Q(s′) first: the noise of Q(s) is the one that is differentiated.</summary>
        public void Predict(Minibatch minibatch)
        {
            if (settings.DoubleQ)
            {
                DrawNoise();
                network.Forward(minibatch.NextObservations, settings.BatchSize).CopyTo(next);
            }
            DrawNoise();
            network.Forward(minibatch.Observations).CopyTo(online);
        }

        /// <inheritdoc/>
        public ActorCriticLosses Update(Minibatch minibatch, float learningRate)
        {
            var loss = LossGradient(minibatch);
            var norm = trained is not null ? trained.Descend(outputGradients, settings.MaximumGradientNorm, learningRate) : DescendNoisy(learningRate);
            return new ActorCriticLosses(double.NaN, loss, double.NaN, norm);
        }

        private float DescendNoisy(float learningRate)
        {
            network.Backward(outputGradients, weightGradient);
            noise!.Differentiate(weightGradient, gradient);
            return step!.Apply(optimizer!, parameters, gradient, settings.MaximumGradientNorm, learningRate);
        }

        /// <summary>L = mean w_j loss(Q(s_j, a_j), r_j + γ Q⁻(s_{j+1}, a′)); a′ is the best of Q⁻, or (double) of Q. Writes ∂L/∂outputs.</summary>
        private double LossGradient(Minibatch minibatch)
        {
            var (size, width) = (minibatch.Count, network.Spec.Outputs);
            var judge = settings.DoubleQ ? next : minibatch.TargetOutputs;
            var sum = 0.0;
            for (var j = 0; j < size; j++)
            {
                var (first, weight) = (j * width, minibatch.Weights[j]);
                var (loss, error) = head.Differentiate(
                    online.AsSpan(first, width), (int)minibatch.Actions[j], minibatch.Rewards[j], minibatch.Discounts[j],
                    minibatch.TargetOutputs.AsSpan(first, width), head.Greedy(judge.AsSpan(first, width), minibatch.NextAllowed(j)), weight / size,
                    outputGradients.AsSpan(first, width));
                minibatch.AbsoluteErrors[j] = error;
                sum += weight * loss;
            }
            return sum / size;
        }

        private void DrawNoise()
        {
            noise?.Draw(random);
            if (noise is not null)
                network.Load(noise.Weights(parameters));
        }

        /// <inheritdoc/>
        public void Visit(IStateVisitor state)
        {
            trained?.Gather();
            state.Visit("parameters", parameters);
            trained?.VisitOptimizer(state, "optimizer");
            if (noise is not null)
            {
                state.Visit("optimizer", optimizer!);
                state.Visit("random", random);
            }
            if (state.IsRestoring)
                trained?.Load();
        }

        /// <inheritdoc/>
        public void Dispose() => network.Dispose();
    }
}
