using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Replay;

/// <summary>What the replay shape needs of an algorithm: its parts, each made by the actor that owns it.</summary>
/// <param name="Settings">Its hyperparameters.</param>
/// <param name="BehaviourParameters">How many of θ, from the first, a worker acts with.</param>
/// <param name="TargetOutputs">K, the target network's outputs a row.</param>
/// <param name="InitialParameters">Draws θ of all the learner's networks, the policy's first.</param>
/// <param name="MakeBehaviour">How a worker explores.</param>
/// <param name="MakeTarget">The target network that starts at these parameters, which it owns.</param>
/// <param name="MakeUpdate">The learner's updates from these parameters, which it owns.</param>
public sealed record ReplayAlgorithm(
    ReplaySettings Settings,
    int BehaviourParameters,
    int TargetOutputs,
    Func<float[]> InitialParameters,
    Func<IBehaviour> MakeBehaviour,
    Func<float[], ITargetNetwork> MakeTarget,
    Func<float[], IReplayUpdate> MakeUpdate)
{
    /// <summary>DQN.</summary>
    public static ReplayAlgorithm DQN(RunPlan plan)
    {
        var (settings, actions, crew) = (plan.Settings.DQN, ((GreedyPolicy)plan.Policy).Actions, MakeCrew());
        return new ReplayAlgorithm(
            settings, (settings.Noisy ? 2 : 1) * plan.Layout.Count, plan.Network.Outputs,
            () => settings.Noisy ? NoisyParameters.Initial(plan.Network, plan.InitialParameters(), settings.NoiseSigma) : plan.InitialParameters(),
            () => new DQN.Behaviour(settings, plan.MakeNetwork(1), actions, plan.Settings.TotalSteps),
            parameters => new DQN.TargetQ(settings, plan.MakeNetwork(settings.BatchSize, crew), parameters, plan.LearnerRandom(RunPlan.TargetStream)),
            parameters => new DQN.Updates(
                settings, plan.MakeNetwork(2 * settings.BatchSize, crew), actions, parameters, plan.MakeOptimizer,
                plan.LearnerRandom(RunPlan.ProposalStream)));
    }

    /// <summary>DDPG.</summary>
    public static ReplayAlgorithm DDPG(RunPlan plan)
    {
        var (settings, crew) = (plan.Settings.DDPG, MakeCrew());
        var critic = Critics(plan, 1);
        return new ReplayAlgorithm(
            settings, plan.Layout.Count, 1, () => [.. plan.InitialParameters(), .. Draw(plan, critic)],
            () => new DeterministicBehaviour(
                plan.MakeNetwork(1), new ExplorationNoise(settings.Noise, settings.NoiseScale, settings.NoiseReversion, ActionSize(plan)), settings.LearningStarts),
            parameters => new DDPG.TargetNetworks(plan.MakeNetwork(settings.BatchSize, crew), plan.MakeNetwork(critic, settings.BatchSize, crew), parameters),
            parameters =>
            {
                var network = plan.MakeNetwork(critic, settings.BatchSize, crew);
                return new DDPG.Updates(settings, plan.MakeNetwork(settings.BatchSize, crew), network, network, parameters, plan.MakeOptimizer);
            });
    }

    /// <summary>TD3.</summary>
    public static ReplayAlgorithm TD3(RunPlan plan)
    {
        var (settings, crew) = (plan.Settings.TD3, MakeCrew());
        var critics = Critics(plan, 2);
        return new ReplayAlgorithm(
            settings, plan.Layout.Count, 2, () => [.. plan.InitialParameters(), .. Draw(plan, critics)],
            () => new DeterministicBehaviour(
                plan.MakeNetwork(1), new ExplorationNoise(settings.Noise, settings.NoiseScale, settings.NoiseReversion, ActionSize(plan)), settings.LearningStarts),
            parameters => new TD3.TargetNetworks(
                plan.MakeNetwork(settings.BatchSize, crew), plan.MakeNetwork(critics, settings.BatchSize, crew), parameters, settings, plan.LearnerRandom(RunPlan.TargetStream)),
            parameters => new TD3.Updates(
                settings, plan.MakeNetwork(settings.BatchSize, crew), plan.MakeNetwork(critics, settings.BatchSize, crew), plan.MakeNetwork(Critics(plan, 1), settings.BatchSize, crew),
                parameters, plan.MakeOptimizer));
    }

    /// <summary>SAC.</summary>
    public static ReplayAlgorithm SAC(RunPlan plan)
    {
        var (settings, crew) = (plan.Settings.SAC, MakeCrew());
        var critics = Critics(plan, 2);
        return new ReplayAlgorithm(
            settings, plan.Layout.Count, 2, () => [.. plan.InitialParameters(), .. Draw(plan, critics), (float)Math.Log(settings.Temperature)],
            () => new SAC.Behaviour(plan.MakeNetwork(1), settings.LearningStarts, settings.NoiseCorrelation),
            parameters => new SAC.TargetCritics(plan.MakeNetwork(critics, settings.BatchSize, crew), parameters, plan.Layout.Count),
            parameters => new SAC.Updates(
                settings, plan.MakeNetwork(settings.BatchSize, crew), plan.MakeNetwork(critics, settings.BatchSize, crew), parameters, plan.MakeOptimizer,
                plan.LearnerRandom(RunPlan.ProposalStream)));
    }

    /// <summary>Who helps the learner and the target network with their batches.</summary>
    private static Crew MakeCrew() => new(Environment.ProcessorCount);

    private static int ActionSize(RunPlan plan) => plan.Policy.ActionSize;

    private static NetworkSpec Critics(RunPlan plan, int count) => ContinuousControl.Critics(plan.ObservationSize, ActionSize(plan), count, plan.Settings.Network);

    private static float[] Draw(RunPlan plan, NetworkSpec spec)
    {
        var parameters = new float[new ParameterLayout(spec).Count];
        NetworkInitializer.Initialize(spec, plan.LearnerRandom(RunPlan.CriticStream), parameters);
        return parameters;
    }
}
