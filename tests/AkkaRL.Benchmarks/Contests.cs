using AkkaRL.Actors.Training;
using AkkaRL.Benchmarks.Plain;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Benchmarks;

/// <summary>One kind of training, made twice: by AkkaRL, and by a plain TorchSharp loop from the same settings.</summary>
/// <param name="Name">The algorithm.</param>
/// <param name="Work">What is computed.</param>
/// <param name="Settings">AkkaRL's run, which makes more env steps than the loop.</param>
/// <param name="PlainSteps">Env steps of the loop.</param>
/// <param name="Plain">The loop.</param>
/// <param name="Learned">Mean return that the loop reaches in <paramref name="LearningSteps"/>, if it does what it should.</param>
/// <param name="LearningSteps">Env steps.</param>
internal sealed record Contest(
    string Name, string Work, RunSettings Settings, long PlainSteps, Func<RunSettings, Outcome> Plain, double Learned, long LearningSteps)
{
    /// <summary>
    /// All of them, as stable-baselines3's zoo trains CartPole and Pendulum, so that its figures are of the same work; networks of DDPG
    /// and SAC are the zoo's for DDPG.
    /// </summary>
    public static IReadOnlyList<Contest> All { get; } =
    [
        new("a2c", "CartPole, 8 envs, 5-step rollouts, policy and value 64-64 each",
            OnPolicy("a2c", 2_000_000, OptimizerKind.RMSProp) with
            {
                A2C = new A2CSettings { EnvsPerWorker = 8, RolloutSteps = 5, LearningRate = 7e-4, FinalLearningRate = 7e-4 },
            },
            PlainSteps: 8_000, PlainRollouts.A2C, Learned: 150, LearningSteps: 100_000),
        new("ppo", "CartPole, 8 envs, 32-step rollouts, 20 epochs of one minibatch of 256, policy and value 64-64 each",
            OnPolicy("ppo", 409_600, OptimizerKind.Adam) with
            {
                PPO = new PPOSettings
                {
                    EnvsPerWorker = 8, RolloutSteps = 32, MinibatchSize = 256, Epochs = 20, Gamma = 0.98, GaeLambda = 0.8,
                    LearningRate = 1e-3, FinalLearningRate = 0, ClipRange = 0.2, FinalClipRange = 0,
                },
            },
            PlainSteps: 7_680, PlainRollouts.PPO, Learned: 150, LearningSteps: 40_960),
        new("dqn", "CartPole, 256-256, 128 updates of batch 64 every 256 steps",
            OffPolicy("dqn", "CartPole-v1", 51_200, [256, 256]) with
            {
                DQN = new DQNSettings
                {
                    LearningRate = 2.3e-3, FinalLearningRate = 2.3e-3, BatchSize = 64, TrainInterval = 256,
                    UpdatesPerInterval = 128, TargetInterval = 128, DoubleQ = false, FinalEpsilon = 0.04, ExplorationFraction = 0.16,
                },
            },
            PlainSteps: 10_240, PlainReplay.DQN, Learned: 100, LearningSteps: 50_000),
        new("ddpg", "Pendulum, 400-300, an update of batch 256 a step, from half of the run on",
            OffPolicy("ddpg", "Pendulum-v1", 2_000, [400, 300]) with
            {
                DDPG = new DDPGSettings { Gamma = 0.98, LearningRate = 1e-3, FinalLearningRate = 1e-3, BatchSize = 256, ReplayCapacity = 200_000 },
            },
            PlainSteps: 600, PlainReplay.DDPG, Learned: -500, LearningSteps: 10_000),
        new("sac", "Pendulum, 400-300, an update of batch 256 a step, from half of the run on",
            OffPolicy("sac", "Pendulum-v1", 2_000, [400, 300]) with
            {
                SAC = new SACSettings { Gamma = 0.98, LearningRate = 1e-3, FinalLearningRate = 1e-3, BatchSize = 256, ReplayCapacity = 200_000 },
            },
            PlainSteps: 600, PlainReplay.SAC, Learned: -500, LearningSteps: 10_000),
    ];

    /// <summary>A run of this many env steps; learning starts after the same part of it, so that all lengths have as many updates per env step.</summary>
    public RunSettings Of(long steps) => Settings with
    {
        TotalSteps = steps,
        DQN = Settings.DQN with { LearningStarts = Math.Max(Settings.DQN.BatchSize, steps / 50) },
        DDPG = Settings.DDPG with { LearningStarts = steps / 2 },
        SAC = Settings.SAC with { LearningStarts = steps / 2 },
    };

    private static RunSettings OnPolicy(string algorithm, long steps, OptimizerKind optimizer) => Brief(algorithm, "CartPole-v1", steps) with
    {
        Network = new NetworkSettings { SharedTrunk = false },
        Optimizer = new OptimizerSettings { Kind = optimizer, Epsilon = 1e-5 },
    };

    private static RunSettings OffPolicy(string algorithm, string env, long steps, int[] hidden) => Brief(algorithm, env, steps) with
    {
        Network = new NetworkSettings { Hidden = [.. hidden], Activation = Activation.ReLU },
        Optimizer = new OptimizerSettings { Kind = OptimizerKind.Adam, Epsilon = 1e-8 },
    };

    /// <summary>Trains and nothing else.</summary>
    private static RunSettings Brief(string algorithm, string env, long steps) => new()
    {
        Algorithm = algorithm,
        Environment = env,
        Workers = 1,
        TotalSteps = steps,
        StopWhenSolved = false,
        Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 },
        Metrics = new MetricsSettings { IntervalSteps = 100_000, EpisodeWindow = Episodes.Window },
    };
}
