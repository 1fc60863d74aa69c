using System.ComponentModel.DataAnnotations;
using AkkaRL.Actors.Cluster;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Actors.Training;

/// <summary>
/// Everything that decides how a run goes. Each property is the key of the same name in kebab-case under <c>akkarl { }</c>
/// (<c>A3C.RolloutSteps</c> is <c>akkarl.a3c.rollout-steps</c>); hocon/reference.conf explains each and a test holds the two equal.
/// </summary>
public sealed record RunSettings
{
    /// <summary>The algorithm's name, as <c>akkarl list</c> shows it.</summary>
    public string Algorithm { get; init; } = "a3c";

    /// <summary>The env's id in the catalog.</summary>
    public string Environment { get; init; } = "CartPole-v1";

    /// <summary>Path of an assembly with envs of the user's own, for the command line; empty for none. <see cref="TrainingRun"/> is handed its env and does not read this.</summary>
    public string EnvironmentAssembly { get; init; } = "";

    /// <summary>The least time that an env step takes, ms, in which it waits and does not compute: stands for a costly simulator, to see how a run scales.</summary>
    [Range(0.0, 60_000.0)]
    public double StepMilliseconds { get; init; }

    /// <summary>Worker actors, each with an env and a local network of its own.</summary>
    [Range(1, 1024)]
    public int Workers { get; init; } = 2;

    /// <summary>The seed that every random number of the run is derived from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Env steps, over all workers, after which the run ends.</summary>
    [Range(1L, long.MaxValue)]
    public long TotalSteps { get; init; } = 100_000;

    /// <summary>Whether to end at the third evaluation in a row over the env's mark.</summary>
    public bool StopWhenSolved { get; init; } = true;

    /// <summary>Same seed and worker count, same parameters bit for bit: gradients are applied in turn and evaluations waited for. Slower.</summary>
    public bool Deterministic { get; init; }

    /// <summary>Which engine computes the network.</summary>
    public EngineKind Engine { get; init; } = EngineKind.Auto;

    /// <summary>Where the TorchSharp engine computes: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c> ... The fused engine is always on the CPU.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The network's shape.</summary>
    public NetworkSettings Network { get; init; } = new();

    /// <summary>The update rule.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>Hyperparameters of A3C.</summary>
    public A3CSettings A3C { get; init; } = new();

    /// <summary>Hyperparameters of asynchronous one-step Q-learning.</summary>
    public AsynchronousQSettings AsyncOneStepQ { get; init; } = new();

    /// <summary>Hyperparameters of asynchronous one-step Sarsa.</summary>
    public AsynchronousQSettings AsyncSarsa { get; init; } = new();

    /// <summary>Hyperparameters of asynchronous n-step Q-learning.</summary>
    public AsynchronousQSettings AsyncNStepQ { get; init; } = new();

    /// <summary>Hyperparameters of A2C.</summary>
    public A2CSettings A2C { get; init; } = new();

    /// <summary>Hyperparameters of PPO with clipping.</summary>
    public PPOSettings PPO { get; init; } = new();

    /// <summary>Hyperparameters of PPO with a KL penalty.</summary>
    public PPOKlSettings PPOKl { get; init; } = new();

    /// <summary>Hyperparameters of REINFORCE.</summary>
    public ReinforceSettings Reinforce { get; init; } = new();

    /// <summary>Hyperparameters of the off-policy policy gradient.</summary>
    public OffPolicyGradientSettings OffPolicyGradient { get; init; } = new();

    /// <summary>Hyperparameters of IMPALA.</summary>
    public ImpalaSettings Impala { get; init; } = new();

    /// <summary>Hyperparameters of DQN.</summary>
    public DQNSettings DQN { get; init; } = new();

    /// <summary>Hyperparameters of DDPG.</summary>
    public DDPGSettings DDPG { get; init; } = new();

    /// <summary>Hyperparameters of TD3.</summary>
    public TD3Settings TD3 { get; init; } = new();

    /// <summary>Hyperparameters of SAC.</summary>
    public SACSettings SAC { get; init; } = new();

    /// <summary>When and how the policy is evaluated.</summary>
    public EvaluationSettings Evaluation { get; init; } = new();

    /// <summary>How often the run reports.</summary>
    public MetricsSettings Metrics { get; init; } = new();

    /// <summary>What happens to gradients of old parameters.</summary>
    public PolicyLagSettings PolicyLag { get; init; } = new();

    /// <summary>What the run survives and when it gives up.</summary>
    public FaultSettings Faults { get; init; } = new();

    /// <summary>What happens when learning blows up.</summary>
    public DivergenceSettings Divergence { get; init; } = new();

    /// <summary>When the run's whole state is stored.</summary>
    public SnapshotSettings Snapshots { get; init; } = new();

    /// <summary>How this process is a node of a cluster, where it is one.</summary>
    public ClusterSettings Cluster { get; init; } = new();

    /// <summary>Who else may look at this process.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();
}

/// <summary>When and how the policy is evaluated: greedy, on envs and seeds of its own.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Env steps between evaluations; 0 for none before the end.</summary>
    [Range(0L, long.MaxValue)]
    public long IntervalSteps { get; init; } = 2_000;

    /// <summary>Episodes of an evaluation during training.</summary>
    [Range(1, 100_000)]
    public int Episodes { get; init; } = 20;

    /// <summary>Episodes of the evaluations of the last and of the best policy at the end; 0 for none.</summary>
    [Range(0, 100_000)]
    public int FinalEpisodes { get; init; } = 100;

    /// <summary>Env steps after which an evaluation's episode is cut off and counted as it stands: some envs have no time limit of their own.</summary>
    [Range(1, int.MaxValue)]
    public int MaximumEpisodeSteps { get; init; } = 10_000;

    /// <summary>An evaluation that takes longer is abandoned and counts as a stall.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>How often the run reports.</summary>
public sealed record MetricsSettings
{
    /// <summary>Env steps between two rows of metrics.jsonl and TensorBoard.</summary>
    [Range(1L, long.MaxValue)]
    public long IntervalSteps { get; init; } = 1_000;

    /// <summary>Finished episodes that the mean training return is taken over.</summary>
    [Range(1, 100_000)]
    public int EpisodeWindow { get; init; } = 100;
}

/// <summary>What happens to a gradient beyond the largest wanted policy lag.</summary>
public enum LagRemedy
{
    /// <summary>It is applied like any other.</summary>
    Accept,

    /// <summary>It is scaled by maximum / lag.</summary>
    Scale,

    /// <summary>It is dropped; its env steps are collected again.</summary>
    Drop,
}

/// <summary>What happens to gradients of old parameters.</summary>
public sealed record PolicyLagSettings
{
    /// <summary>The largest policy lag, in updates, that is applied as it is.</summary>
    [Range(0L, long.MaxValue)]
    public long Maximum { get; init; } = 1_000;

    /// <summary>What happens beyond the maximum.</summary>
    public LagRemedy BeyondMaximum { get; init; } = LagRemedy.Accept;
}

/// <summary>What the run survives and when it gives up.</summary>
public sealed record FaultSettings
{
    /// <summary>Faults after which the run ends with a report.</summary>
    [Range(0, int.MaxValue)]
    public int Budget { get; init; } = 100;

    /// <summary>A worker that does not answer for this long is replaced.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wait before a worker's first restart; doubles with each fault in a row.</summary>
    public TimeSpan BackOffMinimum { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait before a restart.</summary>
    public TimeSpan BackOffMaximum { get; init; } = TimeSpan.FromMilliseconds(250);
}
