using System.Diagnostics;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using static TorchSharp.torch;

namespace AkkaRL.Benchmarks.Plain;

/// <summary>What the loop needs of an algorithm that learns from a replay.</summary>
internal interface IPlainReplayLearner : IDisposable
{
    /// <summary>Chooses an action: an index, or components of −1 to 1.</summary>
    void Act(Tensor observation, long step, RandomStream random, float[] action);

    /// <summary>One step of each optimizer.</summary>
    void Update(Transitions sample, double learningRate);

    /// <summary>Moves the target networks.</summary>
    void Track(double rate);
}

/// <summary>A minibatch [B, ·].</summary>
internal sealed record Transitions(Tensor Observations, Tensor Actions, Tensor Rewards, Tensor NextObservations, Tensor Discounts)
{
    public static Transitions Of(Minibatch rows) => new(
        tensor(rows.Observations, [rows.Count, rows.ObservationSize]), tensor(rows.Actions, [rows.Count, rows.ActionSize]),
        tensor(rows.Rewards), tensor(rows.NextObservations, [rows.Count, rows.ObservationSize]), tensor(rows.Discounts));
}

/// <summary>
/// DQN, DDPG and SAC as one writes them with TorchSharp: modules, autograd through the whole loss, optimizers of torch; one loop on one
/// thread: act, remember, learn. It takes an AkkaRL run's settings and does what that run does, with one env, one-step transitions and
/// uniform replay (for which it borrows AkkaRL's arrays).
/// </summary>
internal static class PlainReplay
{
    public static Outcome DQN(RunSettings settings) => Train(settings, settings.DQN, env => new PlainDQN(settings, env));

    public static Outcome DDPG(RunSettings settings) => Train(settings, settings.DDPG, env => new PlainDDPG(settings, env));

    public static Outcome SAC(RunSettings settings) => Train(settings, settings.SAC, env => new PlainSAC(settings, env));

    private static Outcome Train(RunSettings settings, ReplaySettings replaySettings, Func<IEnv, IPlainReplayLearner> makeLearner)
    {
        manual_seed((long)settings.Seed);
        using var env = EnvCatalog.BuiltIn.Make(settings.Environment);
        using var learner = makeLearner(env);
        var (observationSize, actionSize) = (env.ObservationSpace.Size, env.ActionSpace.Size);
        var replay = new UniformReplay(replaySettings.ReplayCapacity, observationSize, actionSize);
        var minibatch = new Minibatch(replaySettings.BatchSize, observationSize, actionSize, targetOutputs: 1);
        var random = new RandomStream(settings.Seed);
        var episodes = new Episodes(1);
        var made = new TransitionBatch(1, observationSize, actionSize) { Count = 1 };
        var (observation, action) = (made.Observations, made.Actions);
        env.Reset(settings.Seed, observation);
        long updates = 0;
        var (started, processorTime) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        for (long step = 0; step < settings.TotalSteps; step++)
        {
            using (NewDisposeScope())
                learner.Act(tensor(observation, [1, observationSize]), step, random, action);
            var result = env.Step(ToEnv(action, env.ActionSpace), made.NextObservations);
            (made.Rewards[0], made.Discounts[0]) = ((float)result.Reward, result.Terminated ? 0 : (float)replaySettings.Gamma);
            replay.Add(made);
            episodes.Add(0, result.Reward, result.EpisodeEnded);
            made.NextObservations.CopyTo(observation, 0);
            if (result.EpisodeEnded)
                env.Reset(null, observation);

            var learned = step + 1 - replaySettings.LearningStarts;
            if (learned <= 0 || learned % replaySettings.TrainInterval != 0)
                continue;
            var progress = (double)step / settings.TotalSteps;
            var learningRate = replaySettings.LearningRate + (replaySettings.FinalLearningRate - replaySettings.LearningRate) * progress;
            for (var i = 0; i < replaySettings.UpdatesPerInterval; i++)
            {
                using var scope = NewDisposeScope();
                replay.Sample(minibatch, random, 0);
                learner.Update(Transitions.Of(minibatch), learningRate);
                if (++updates % replaySettings.TargetInterval == 0)
                    learner.Track(replaySettings.TargetRate);
            }
        }
        return new Outcome(
            settings.TotalSteps, updates, Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - processorTime).TotalSeconds,
            episodes.MeanReturn);
    }

    private static float[] ToEnv(float[] action, Space space) => space is not Box box ? action
        : [.. action.Select((component, i) => box.Low[i] + (component + 1) / 2 * (box.High[i] - box.Low[i]))];
}
