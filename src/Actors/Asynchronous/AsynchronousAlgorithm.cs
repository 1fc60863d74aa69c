using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>What the asynchronous shape needs of an algorithm.</summary>
/// <param name="RolloutSteps">The most env steps of one worker between two gradients.</param>
/// <param name="LearningRate">By global step.</param>
/// <param name="TargetInterval">Env steps between two moves of the shared target network; null for an algorithm without.</param>
/// <param name="MakeWorker">One worker's part of it, by the worker's random numbers.</param>
public sealed record AsynchronousAlgorithm(
    int RolloutSteps,
    LearningRateSchedule LearningRate,
    long? TargetInterval,
    Func<RandomStream, IGradientAlgorithm> MakeWorker)
{
    /// <summary>A3C.</summary>
    public static AsynchronousAlgorithm A3C(RunPlan plan)
    {
        var settings = plan.Settings.A3C;
        return new AsynchronousAlgorithm(
            settings.RolloutSteps,
            new LearningRateSchedule((float)settings.LearningRate, (float)settings.FinalLearningRate, plan.Settings.TotalSteps),
            TargetInterval: null,
            _ => new A3C(settings, plan.MakeNetwork(settings.RolloutSteps + 1), ((ActorCriticPolicy)plan.Policy).Distribution));
    }

    /// <summary>One-step Q-learning, one-step Sarsa or n-step Q-learning.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="settings">The algorithm's.</param>
    /// <param name="makeWorker">One worker's part: settings, local network, local copy of the target network, env steps of the run, random numbers.</param>
    public static AsynchronousAlgorithm Q(
        RunPlan plan, AsynchronousQSettings settings, Func<AsynchronousQSettings, INetwork, INetwork, long, RandomStream, IGradientAlgorithm> makeWorker) =>
        new(
            settings.RolloutSteps,
            new LearningRateSchedule((float)settings.LearningRate, (float)settings.FinalLearningRate, plan.Settings.TotalSteps),
            settings.TargetInterval,
            random => makeWorker(settings, plan.MakeNetwork(settings.RolloutSteps + 1), plan.MakeNetwork(settings.RolloutSteps), plan.Settings.TotalSteps, random));
}
