using System.Text.Json.Serialization;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Replay;
using AkkaRL.Envs;

namespace AkkaRL.Actors.Training;

/// <summary>An algorithm that a run can name.</summary>
/// <param name="Name">As in <c>akkarl.algorithm</c>.</param>
/// <param name="Shape">Its training shape: asynchronous, synchronous, replay or tabular.</param>
/// <param name="Summary">One line.</param>
/// <param name="MakePolicy">How it acts: settings, observation size and action space to a policy; throws <see cref="InvalidSettingsException"/> for spaces that it cannot serve.</param>
/// <param name="MakeShape">How it trains.</param>
public sealed record AlgorithmEntry(
    string Name,
    string Shape,
    string Summary,
    [property: JsonIgnore] Func<RunSettings, int, Space, ActingPolicy> MakePolicy,
    [property: JsonIgnore] Func<RunPlan, EvaluationHistory, RunClock, TrainingShape> MakeShape);

/// <summary>The algorithms that a run can name.</summary>
public static class AlgorithmCatalog
{
    /// <summary>Every algorithm, in the order of the documentation.</summary>
    public static IReadOnlyList<AlgorithmEntry> All { get; } =
    [
        new("a3c", "asynchronous", "Asynchronous advantage actor-critic (Mnih et al. 2016): n-step returns or GAE, discrete and continuous actions",
            (settings, observationSize, actions) => new ActorCriticPolicy(settings, observationSize, actions, settings.A3C.InitialLogStandardDeviation),
            (plan, evaluations, clock) => new AsynchronousShape(plan, evaluations, clock)),
        new("dqn", "replay", "Deep Q-learning (Mnih et al. 2015): double, dueling, n-step and prioritized as switches, discrete actions",
            (settings, observationSize, actions) => new GreedyPolicy(settings.Network, settings.DQN, observationSize, actions),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.DQN(plan))),
        new("ddpg", "replay", "Deep deterministic policy gradient (Lillicrap et al. 2016): Gaussian or Ornstein-Uhlenbeck noise, continuous actions",
            (settings, observationSize, actions) => new SquashedPolicy("ddpg", settings.Network, observationSize, actions, isStochastic: false),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.DDPG(plan))),
        new("td3", "replay", "Twin delayed DDPG (Fujimoto et al. 2018): two critics, delayed policy, smoothed targets, continuous actions",
            (settings, observationSize, actions) => new SquashedPolicy("td3", settings.Network, observationSize, actions, isStochastic: false),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.TD3(plan))),
        new("sac", "replay", "Soft actor-critic (Haarnoja et al. 2018): twin critics, entropy with a learned temperature, continuous actions",
            (settings, observationSize, actions) => new SquashedPolicy("sac", settings.Network, observationSize, actions, isStochastic: true),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.SAC(plan))),
    ];

    /// <summary>The algorithm of this name.</summary>
    /// <exception cref="InvalidSettingsException">There is none; the message suggests the nearest name.</exception>
    public static AlgorithmEntry Find(string name) => All.FirstOrDefault(entry => entry.Name == name)
        ?? throw new InvalidSettingsException(
            $"akkarl.algorithm is \"{name}\"; there is no algorithm of that name.{NearestName.Hint(name, All.Select(entry => entry.Name))} There are: {string.Join(", ", All.Select(entry => entry.Name))}.");
}
