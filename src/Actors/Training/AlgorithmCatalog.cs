using System.Text.Json.Serialization;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Replay;
using AkkaRL.Actors.Synchronous;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Training;

/// <summary>An algorithm that a run can name.</summary>
/// <param name="Name">As in <c>akkarl.algorithm</c>.</param>
/// <param name="Shape">Its training shape: asynchronous, synchronous, replay or tabular.</param>
/// <param name="Summary">One line.</param>
/// <param name="MakePolicy">How it acts: settings, observations and action space to a policy; throws <see cref="InvalidSettingsException"/> for spaces that it cannot serve.</param>
/// <param name="MakeShape">How it trains.</param>
public sealed record AlgorithmEntry(
    string Name,
    string Shape,
    string Summary,
    [property: JsonIgnore] Func<RunSettings, Box, Space, ActingPolicy> MakePolicy,
    [property: JsonIgnore] Func<RunPlan, EvaluationHistory, RunClock, TrainingShape> MakeShape)
{
    /// <summary>The kinds of action spaces that it serves, by their names; all unless told. Where it serves Discrete ones, it heeds action masks.</summary>
    public IReadOnlyList<string> ActionSpaces { get; init; } = [nameof(Discrete), nameof(MultiDiscrete), nameof(Box)];

    /// <summary>Whether workers take turns in any case, so that a run depends on nothing but its settings and seed.</summary>
    [JsonIgnore]
    public bool IsAlwaysDeterministic => Shape != "asynchronous";
}

/// <summary>The algorithms that a run can name.</summary>
public static class AlgorithmCatalog
{
    /// <summary>Every algorithm, in the order of the documentation.</summary>
    public static IReadOnlyList<AlgorithmEntry> All { get; } =
    [
        new("a3c", "asynchronous", "Asynchronous advantage actor-critic (Mnih et al. 2016): n-step returns or GAE, discrete and continuous actions",
            (settings, observations, actions) => new ActorCriticPolicy(settings, observations, actions, settings.A3C.InitialLogStandardDeviation),
            (plan, evaluations, clock) => new AsynchronousShape(plan, evaluations, clock, AsynchronousAlgorithm.A3C(plan))),
        AsynchronousQEntry("async-one-step-q", "Asynchronous one-step Q-learning (Mnih et al. 2016): a shared target network, each worker its own epsilon, discrete actions",
            settings => settings.AsyncOneStepQ, OneStepQ.Worker),
        AsynchronousQEntry("async-sarsa", "Asynchronous one-step Sarsa (Mnih et al. 2016): the target is the action taken next, discrete actions",
            settings => settings.AsyncSarsa, OneStepSarsa.Worker),
        AsynchronousQEntry("async-n-step-q", "Asynchronous n-step Q-learning (Mnih et al. 2016): n-step returns, a shared target network, discrete actions",
            settings => settings.AsyncNStepQ, NStepQ.Worker),
        SynchronousEntry("ppo", "Proximal policy optimization with clipping (Schulman et al. 2017): GAE, minibatches, discrete and continuous actions",
            settings => settings.PPO,
            (settings, policy, rows) => new PPO(settings, policy.Distribution, policy.Outputs, rows),
            minibatchSize: settings => settings.MinibatchSize, epochs: settings => settings.Epochs),
        SynchronousEntry("a2c", "Advantage actor-critic: one step a batch, with Monte-Carlo, n-step, GAE or TD estimates, discrete and continuous actions",
            settings => settings.A2C,
            (settings, policy, rows) => new A2C(settings, policy.Distribution, policy.Outputs, rows),
            wholeEpisodes: settings => settings.Estimate == ValueEstimate.Episode),
        SynchronousEntry("ppo-kl", "Proximal policy optimization with an adaptive KL penalty (Schulman et al. 2017): GAE, minibatches, discrete and continuous actions",
            settings => settings.PPOKl,
            (settings, policy, rows) => new PPOKl(settings, policy.Distribution, policy.Outputs, rows),
            minibatchSize: settings => settings.MinibatchSize, epochs: settings => settings.Epochs),
        SynchronousEntry("reinforce", "Monte-Carlo policy gradient (Williams 1992): whole return or reward to go, no, constant or learned baseline",
            settings => settings.Reinforce,
            (settings, policy, rows) => new Reinforce(settings, policy.Distribution, policy.Outputs, rows),
            wholeEpisodes: _ => true),
        SynchronousEntry("off-policy-gradient", "Policy gradient by importance sampling: an older policy's episodes serve several updates",
            settings => settings.OffPolicyGradient,
            (settings, policy, rows) => new OffPolicyGradient(settings, policy.Distribution, policy.Outputs, rows),
            wholeEpisodes: _ => true),
        SynchronousEntry("impala", "Importance-weighted actor-learner (Espeholt et al. 2018): workers act during updates, V-trace corrects, discrete and continuous actions",
            settings => settings.Impala,
            (settings, policy, rows) => new Impala(settings, policy.Distribution, policy.Outputs, rows),
            sendsAhead: true),
        new("dqn", "replay", "Deep Q-learning (Mnih et al. 2015): double, dueling, n-step, prioritized, categorical and noisy as switches (all on: Rainbow), discrete actions",
            (settings, observations, actions) => new GreedyPolicy("dqn", settings, observations, actions, settings.DQN),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.DQN(plan))) { ActionSpaces = [nameof(Discrete)] },
        new("ddpg", "replay", "Deep deterministic policy gradient (Lillicrap et al. 2016): Gaussian or Ornstein-Uhlenbeck noise, continuous actions",
            (settings, observations, actions) => new SquashedPolicy("ddpg", settings.Network, observations.Size, actions, isStochastic: false),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.DDPG(plan))) { ActionSpaces = [nameof(Box)] },
        new("td3", "replay", "Twin delayed DDPG (Fujimoto et al. 2018): two critics, delayed policy, smoothed targets, continuous actions",
            (settings, observations, actions) => new SquashedPolicy("td3", settings.Network, observations.Size, actions, isStochastic: false),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.TD3(plan))) { ActionSpaces = [nameof(Box)] },
        new("sac", "replay", "Soft actor-critic (Haarnoja et al. 2018): twin critics, entropy with a learned temperature, continuous actions",
            (settings, observations, actions) => new SquashedPolicy("sac", settings.Network, observations.Size, actions, isStochastic: true),
            (plan, evaluations, clock) => new ReplayShape(plan, evaluations, clock, ReplayAlgorithm.SAC(plan))) { ActionSpaces = [nameof(Box)] },
    ];

    private static AlgorithmEntry AsynchronousQEntry(
        string name, string summary, Func<RunSettings, AsynchronousQSettings> settingsOf,
        Func<AsynchronousQSettings, INetwork, INetwork, long, RandomStream, IGradientAlgorithm> makeWorker) =>
        new(name, "asynchronous", summary,
            (settings, observations, actions) => new GreedyPolicy(name, settings, observations, actions),
            (plan, evaluations, clock) =>
                new AsynchronousShape(plan, evaluations, clock, AsynchronousAlgorithm.Q(plan, settingsOf(plan.Settings), makeWorker)))
        { ActionSpaces = [nameof(Discrete)] };

    private static AlgorithmEntry SynchronousEntry<TSettings>(
        string name, string summary, Func<RunSettings, TSettings> settingsOf, Func<TSettings, ActorCriticPolicy, int, IRolloutAlgorithm> makeAlgorithm,
        Func<TSettings, bool>? wholeEpisodes = null, Func<TSettings, int>? minibatchSize = null, bool sendsAhead = false, Func<TSettings, int>? epochs = null)
        where TSettings : RolloutSettings =>
        new(name, "synchronous", summary,
            (settings, observations, actions) =>
                new ActorCriticPolicy(settings, observations, actions, settingsOf(settings).InitialLogStandardDeviation),
            (plan, evaluations, clock) =>
            {
                var settings = settingsOf(plan.Settings);
                return new SynchronousShape(
                    plan, evaluations, clock, settings, wholeEpisodes?.Invoke(settings) ?? false,
                    (policy, rows) => makeAlgorithm(settings, policy, rows), minibatchSize?.Invoke(settings), sendsAhead, epochs?.Invoke(settings) ?? 1);
            });

    /// <summary>The algorithm of this name.</summary>
    /// <exception cref="InvalidSettingsException">There is none; the message suggests the nearest name.</exception>
    public static AlgorithmEntry Find(string name) => All.FirstOrDefault(entry => entry.Name == name)
        ?? throw new InvalidSettingsException(
            $"akkarl.algorithm is \"{name}\"; there is no algorithm of that name.{NearestName.Hint(name, All.Select(entry => entry.Name))} There are: {string.Join(", ", All.Select(entry => entry.Name))}.");
}
