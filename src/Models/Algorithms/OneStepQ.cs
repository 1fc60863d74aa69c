using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Asynchronous one-step Q-learning: workers act ε-greedily, each with an ε of its own, and accumulate the gradients of
/// (r + γ max Q⁻(s′, ·) − Q(s, a))² over a few steps, where Q⁻ is an older Q that all of them share.
/// </summary>
/// <remarks>
/// <para>Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), Algorithm 1, for each worker:</para>
/// <code>
/// initialize target network weights θ⁻ ← θ, gradients dθ ← 0; get initial state s
/// repeat
///   take action a with ε-greedy policy based on Q(s, a; θ)           ActionValueWorker.Act
///   receive new state s′ and reward r                                ActionValueWorker.Observe
///   y = r for terminal s′, r + γ max_a′ Q(s′, a′; θ⁻) otherwise      Targets
///   dθ ← dθ + ∂(y − Q(s, a; θ))² / ∂θ                                ActionValueWorker.ComputeGradient
///   s = s′; T ← T + 1; t ← t + 1
///   if T mod I_target == 0: θ⁻ ← θ                                   the parameter server, the shared target network
///   if t mod I_AsyncUpdate == 0 or s is terminal:
///     perform asynchronous update of θ using dθ; dθ ← 0              the parameter server
/// until T > T_max                                                    the parameter server
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>θ is read once per I_AsyncUpdate steps, not at every step: a worker acts and learns with a copy, as in the paper's n-step methods.</item>
/// <item>The loss is Σ ½(y − Q)²; its gradient over the steps is clipped by its global norm.</item>
/// <item>A truncated episode is not a terminal one: its final observation bootstraps. The steps since the last update end with it.</item>
/// <item>A worker draws its final ε once, at its start; θ⁻ moves with the first update at or past each multiple of I_target.</item>
/// </list>
/// <para>Hyperparameters: <see cref="AsynchronousQSettings"/>.</para>
/// </remarks>
public static class OneStepQ
{
    /// <summary>One worker's part; it owns the networks.</summary>
    public static ActionValueWorker Worker(AsynchronousQSettings settings, INetwork network, INetwork target, long totalSteps, RandomStream random) =>
        new(settings, network, target, Targets, onPolicy: false, totalSteps, random);

    /// <summary>y_t = r_t + γ max_a Q⁻(s_{t+1}, a), and y_t = r_t where s_{t+1} is terminal.</summary>
    public static void Targets(in RecordedRollout rollout, INetwork target, float gamma, Span<float> targets) =>
        ActionValueTargets.OneStepQ(rollout.Rewards, target.Forward(rollout.NextObservations), rollout.Terminated, gamma, targets, rollout.NextAllowed);
}
