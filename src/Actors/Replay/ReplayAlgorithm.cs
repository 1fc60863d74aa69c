using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Replay;

/// <summary>What the replay shape needs of an algorithm: its parts, each made by the actor that owns it.</summary>
/// <param name="Settings">Its hyperparameters.</param>
/// <param name="TargetOutputs">K, the target network's outputs a row.</param>
/// <param name="InitialParameters">Draws θ of all the learner's networks, the policy's first.</param>
/// <param name="MakeBehaviour">How a worker explores.</param>
/// <param name="MakeTarget">The target network that starts at these parameters, which it owns.</param>
/// <param name="MakeUpdate">The learner's updates from these parameters, which it owns.</param>
public sealed record ReplayAlgorithm(
    ReplaySettings Settings,
    int TargetOutputs,
    Func<float[]> InitialParameters,
    Func<IBehaviour> MakeBehaviour,
    Func<float[], ITargetNetwork> MakeTarget,
    Func<float[], IReplayUpdate> MakeUpdate)
{
    /// <summary>DQN.</summary>
    public static ReplayAlgorithm DQN(RunPlan plan)
    {
        var settings = plan.Settings.DQN;
        return new ReplayAlgorithm(
            settings, plan.Network.Outputs, plan.InitialParameters,
            () => new DQN.Behaviour(settings, plan.MakeNetwork(1), ((GreedyPolicy)plan.Policy).Actions, plan.Settings.TotalSteps),
            parameters => new DQN.TargetQ(plan.MakeNetwork(settings.BatchSize), parameters),
            parameters => new DQN.Updates(settings, plan.MakeNetwork(2 * settings.BatchSize), parameters, plan.MakeOptimizer(plan.Layout.Count)));
    }
}
