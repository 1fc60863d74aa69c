using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Asynchronous n-step Q-learning: workers act ε-greedily for up to t_max steps, then regress every Q(s_i, a_i) on the rewards from i on
/// and the best value of where the rollout ended.
/// </summary>
/// <remarks>
/// <para>Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), Algorithm S2, for each worker:</para>
/// <code>
/// initialize target network parameters θ⁻ ← θ
/// repeat
///   clear gradients dθ ← 0; synchronize θ′ = θ                       ActionValueWorker.Synchronize
///   t_start = t; get state s_t
///   repeat
///     take action a_t by the ε-greedy policy based on Q(s_t, a; θ′)  ActionValueWorker.Act
///     receive reward r_t and new state s_{t+1}                       ActionValueWorker.Observe
///     t ← t + 1; T ← T + 1
///   until terminal s_t or t − t_start == t_max                       ActionValueWorker.IsRolloutOver
///   R = 0 for terminal s_t, max_a Q(s_t, a; θ⁻) for non-terminal s_t Targets
///   for i ∈ {t − 1, …, t_start} do
///     R ← r_i + γ R
///     dθ ← dθ + ∂(R − Q(s_i, a_i; θ′))² / ∂θ′                        ActionValueWorker.ComputeGradient
///   perform asynchronous update of θ using dθ                        the parameter server
///   if T mod I_target == 0: θ⁻ ← θ                                   the parameter server, the shared target network
/// until T > T_max                                                    the parameter server
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>The loss is Σ ½(R − Q)²; its gradient over the rollout is clipped by its global norm.</item>
/// <item>A truncated episode is not a terminal one: its final observation bootstraps.</item>
/// <item>A worker draws its final ε once, at its start; θ⁻ moves with the first update at or past each multiple of I_target.</item>
/// </list>
/// <para>Hyperparameters: <see cref="AsynchronousQSettings"/>.</para>
/// </remarks>
public static class NStepQ
{
    /// <summary>One worker's part; it owns the networks.</summary>
    public static ActionValueWorker Worker(AsynchronousQSettings settings, INetwork network, INetwork target, long totalSteps, RandomStream random) =>
        new(settings, network, target, Targets, onPolicy: false, totalSteps, random);

    /// <summary>y_t = r_t + γ y_{t+1} with y_T = max_a Q⁻(s_T, a), and y_T = 0 where s_T is terminal.</summary>
    public static void Targets(in RecordedRollout rollout, INetwork target, float gamma, Span<float> targets) =>
        ActionValueTargets.NStepQ(
            rollout.Rewards, rollout.Terminated ? [] : target.Forward(rollout.FinalObservation), rollout.Terminated, gamma, targets, rollout.FinalAllowed);
}
