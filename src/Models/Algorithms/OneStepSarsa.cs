using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Asynchronous one-step Sarsa: one-step Q-learning whose target is the value of the action taken next rather than of the best one, so
/// that Q is the value of the exploring policy itself.
/// </summary>
/// <remarks>
/// <para>
/// Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), section 4: Algorithm 1 with the target
/// r + γ Q(s′, a′; θ⁻), where a′ is the action taken in state s′. For each worker:
/// </para>
/// <code>
/// initialize target network weights θ⁻ ← θ, gradients dθ ← 0; get initial state s
/// choose action a with ε-greedy policy based on Q(s, a; θ)
/// repeat
///   take action a                                                    ActionValueWorker.Act
///   receive new state s′ and reward r                                ActionValueWorker.Observe
///   choose a′ with ε-greedy policy based on Q(s′, a′; θ)             ActionValueWorker.Act; ComputeGradient after the last step
///   y = r for terminal s′, r + γ Q(s′, a′; θ⁻) otherwise             Targets
///   dθ ← dθ + ∂(y − Q(s, a; θ))² / ∂θ                                ActionValueWorker.ComputeGradient
///   s = s′; a = a′; T ← T + 1; t ← t + 1
///   if T mod I_target == 0: θ⁻ ← θ                                   the parameter server, the shared target network
///   if t mod I_AsyncUpdate == 0 or s is terminal:
///     perform asynchronous update of θ using dθ; dθ ← 0              the parameter server
/// until T > T_max                                                    the parameter server
/// </code>
/// <para>Differences from the paper: those of <see cref="OneStepQ"/>, and</para>
/// <list type="number">
/// <item>An action chosen after the last step before an update is taken after it, although θ has changed meanwhile; a truncated episode's
/// is learned from and never taken.</item>
/// </list>
/// <para>Hyperparameters: <see cref="AsynchronousQSettings"/>.</para>
/// </remarks>
public static class OneStepSarsa
{
    /// <summary>One worker's part; it owns the networks.</summary>
    public static ActionValueWorker Worker(AsynchronousQSettings settings, INetwork network, INetwork target, long totalSteps, RandomStream random) =>
        new(settings, network, target, Targets, onPolicy: true, totalSteps, random);

    /// <summary>y_t = r_t + γ Q⁻(s_{t+1}, a_{t+1}), and y_t = r_t where s_{t+1} is terminal.</summary>
    public static void Targets(in RecordedRollout rollout, INetwork target, float gamma, Span<float> targets) =>
        ActionValueTargets.OneStepSarsa(
            rollout.Rewards, target.Forward(rollout.NextObservations), rollout.NextActions, rollout.Terminated, gamma, targets);
}
