using System.Runtime.CompilerServices;
using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Training;

/// <summary>What settings and an env come to: which network, which policy, which engine. Refuses what does not fit before anything starts.</summary>
public sealed class RunPlan
{
    /// <summary>The streams of random numbers that a run's seed is split into; workers' streams follow.</summary>
    private const ulong ParameterStream = 0, EvaluationStream = 1, FirstWorkerStream = 2, LearnerStream = ulong.MaxValue;

    /// <summary>Streams of a learner's parts, far beyond all workers'.</summary>
    internal const ulong SamplingStream = 1UL << 62, CriticStream = SamplingStream + 1, TargetStream = SamplingStream + 2, ProposalStream = SamplingStream + 3;

    private readonly INetworkFactory? ownNetwork;
    private readonly bool envCapturesState;

    /// <summary>Makes one env to look at its spaces.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="env">The env's catalog entry.</param>
    /// <param name="network">Makes the policy's network; null for the layers of the settings.</param>
    /// <exception cref="InvalidSettingsException">A setting is out of range, or the algorithm or the network cannot serve the env's spaces.</exception>
    public RunPlan(RunSettings settings, EnvSpec env, INetworkFactory? network = null)
    {
        SettingsValidation.Validate(settings);
        (Settings, Env) = (settings with { Environment = env.Id }, env);
        Algorithm = AlgorithmCatalog.Find(settings.Algorithm);
        if (network is not null)
            NetworkValidation.RequireOwn(settings, Algorithm);
        using var sample = Guard(EnvCatalog.Make(env));
        envCapturesState = sample.CanCaptureState;
        ActionSpace = sample.ActionSpace;
        SpaceValidation.RequireFittingMask(env.Id, sample);
        MaskSize = sample.HasActionMask ? ActionSpace.MaskSize : 0;
        var observations = (Box)sample.ObservationSpace;
        ObservationSize = observations.Size;
        Policy = Algorithm.MakePolicy(Settings, observations, ActionSpace);
        ownNetwork = network;
        Layout = network is null ? LayoutOf(Network) : LayoutOf(network);
        Engine = settings.Engine == EngineKind.Auto ? (network is null && Network.IsDense ? EngineKind.Fused : EngineKind.Torch) : settings.Engine;
        if (Engine == EngineKind.Fused && settings.Device != "cpu")
            throw new InvalidSettingsException(
                $"akkarl.device is \"{settings.Device}\", but the fused engine computes on the CPU. Set akkarl.engine = torch, or leave akkarl.device at \"cpu\".");
        RequireOptimizer();
    }

    /// <summary>The settings.</summary>
    public RunSettings Settings { get; }

    /// <summary>The env's catalog entry.</summary>
    public EnvSpec Env { get; }

    /// <summary>The algorithm.</summary>
    public AlgorithmEntry Algorithm { get; }

    /// <summary>O.</summary>
    public int ObservationSize { get; }

    /// <summary>Whether its workers are on other nodes. Snapshots hold none of their states then: a run goes on with fresh episodes.</summary>
    public bool IsClustered { get; init; }

    /// <summary>Whether the env's state can be captured where the run takes its snapshots, so that a deterministic run can be resumed exactly.</summary>
    public bool EnvCapturesState => envCapturesState && !IsClustered;

    /// <summary>Whether the same seed makes the same run: so it is set, or the algorithm knows no other way.</summary>
    public bool IsDeterministic => Settings.Deterministic || Algorithm.IsAlwaysDeterministic;

    /// <summary>What the env takes.</summary>
    public Space ActionSpace { get; }

    /// <summary>M, flags of the env's action mask; 0 for an env without one.</summary>
    public int MaskSize { get; }

    /// <summary>How the algorithm acts.</summary>
    public ActingPolicy Policy { get; }

    /// <summary>The policy's network.</summary>
    public NetworkSpec Network => Policy.Network;

    /// <summary>Where its parameters live.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The engine that computes it, never <see cref="EngineKind.Auto"/>.</summary>
    public EngineKind Engine { get; }

    /// <summary>An env as workers and the evaluator step it: limited in time, checked, its observations flat.</summary>
    /// <exception cref="EnvFaultException">The env's constructor threw.</exception>
    public IEnv MakeEnv()
    {
        try
        {
            var env = EnvCatalog.Make(Env);
            return Guard(Settings.StepMilliseconds > 0 ? new SlowedEnv(env, TimeSpan.FromMilliseconds(Settings.StepMilliseconds)) : env);
        }
        catch (Exception exception)
        {
            throw new EnvFaultException(Env.Id, nameof(EnvSpec.Create), exception.Message, exception);
        }
    }

    /// <summary>The policy's network, of the chosen engine.</summary>
    public INetwork MakeNetwork(int rowCapacity) => MakeNetwork(rowCapacity, crew: null);

    /// <summary>The same, for batches that a crew helps with.</summary>
    public INetwork MakeNetwork(int rowCapacity, Crew? crew) =>
        ownNetwork?.Make(Network, rowCapacity, Settings.Device) ?? MakeNetwork(Network, rowCapacity, crew);

    /// <summary>The policy's network in the parts that compute side by side: of the fused engine its towers, else all of it in one.</summary>
    public IReadOnlyList<Func<int, INetwork>> NetworkParts() => ownNetwork is null && Engine == EngineKind.Fused
        ? [.. Network.Parts.Select(part => (Func<int, INetwork>)(rowCapacity => MakeNetwork(part, rowCapacity, crew: null)))]
        : [MakeNetwork];

    /// <summary>Another network of the chosen engine, such as a critic.</summary>
    public INetwork MakeNetwork(NetworkSpec spec, int rowCapacity, Crew? crew) => Engine == EngineKind.Torch
        ? MakeTorchNetwork(spec, rowCapacity)
        : crew is null ? new FusedNetwork(spec, rowCapacity) : new SlicedNetwork(spec, rowCapacity, crew);

    /// <summary>The optimizer of the settings.</summary>
    public IOptimizer MakeOptimizer() => MakeOptimizer(Layout.Count);

    /// <summary>The same for another network of the learner's, of this many parameters.</summary>
    public IOptimizer MakeOptimizer(int parameterCount)
    {
        var settings = Settings.Optimizer;
        return settings.Kind switch
        {
            OptimizerKind.RMSProp => new RMSProp(parameterCount, (float)settings.Decay, (float)settings.Epsilon, (float)settings.InitialMeanSquare),
            OptimizerKind.Adam => new Adam(parameterCount, (float)settings.Epsilon, (float)settings.Beta1, (float)settings.Beta2),
            _ => new SgdMomentum(parameterCount, (float)settings.Momentum),
        };
    }

    /// <summary>About how many floats a snapshot holds of a run whose learner has this many parameters: they, their optimizer's moments, a policy that is evaluated and the best.</summary>
    internal long SnapshotSize(long parameters) => parameters * (1 + MakeOptimizer(1).Moments.Length) + 2L * Layout.Count;

    /// <summary>θ at the start [P].</summary>
    public float[] InitialParameters()
    {
        var random = new RandomStream(Settings.Seed, ParameterStream);
        if (ownNetwork is not null)
            return ownNetwork.InitialParameters(Network, random.NextBits());
        var parameters = new float[Layout.Count];
        NetworkInitializer.Initialize(Network, random, parameters);
        return parameters;
    }

    /// <summary>The random numbers of one life of a worker.</summary>
    public RandomStream WorkerRandom(int worker, int life) =>
        new(Settings.Seed, FirstWorkerStream + (ulong)worker + ((ulong)life << 32));

    /// <summary>The random numbers of a learner, such as those that shuffle its minibatches.</summary>
    public RandomStream LearnerRandom() => new(Settings.Seed, LearnerStream);

    /// <summary>The random numbers of a part of the learner, by one of the streams above.</summary>
    internal RandomStream LearnerRandom(ulong stream) => new(Settings.Seed, stream);

    /// <summary>The random numbers that the evaluator takes episode seeds from; training never uses them.</summary>
    public RandomStream EvaluationRandom(int index) => new(Settings.Seed, EvaluationStream + ((ulong)(index + 1) << 32));

    /// <summary>Optimizers compute in single precision, in which a constant may be out of the range that it is in as it was written.</summary>
    private void RequireOptimizer()
    {
        try
        {
            MakeOptimizer();
        }
        catch (ArgumentException error)
        {
            throw new InvalidSettingsException($"akkarl.optimizer: {error.Message}");
        }
    }

    private static ParameterLayout LayoutOf(NetworkSpec network)
    {
        try
        {
            return new ParameterLayout(network);
        }
        catch (ArgumentException error)
        {
            throw new InvalidSettingsException($"akkarl.network: {error.Message}");
        }
    }

    private ParameterLayout LayoutOf(INetworkFactory network)
    {
        try
        {
            return network.LayoutOf(Network);
        }
        catch (ArgumentException error)
        {
            throw new InvalidSettingsException(
                $"The network that the run is given does not serve {Settings.Algorithm} on {Env.Id}: {error.Message}. Make one for the inputs and outputs that its maker is told.");
        }
    }

    private IEnv Guard(IEnv bare)
    {
        var env = new ValidatedEnv(bare, Env.Id);
        return env.ObservationSpace is Box ? env : new OneHotObservation(env);
    }

    /// <summary>Apart, and without its type in sight, so that the fused engine never loads the tensor library's assembly.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
#pragma warning disable CA1859 // The concrete return type would be loaded where this is called.
    private INetwork MakeTorchNetwork(NetworkSpec spec, int rowCapacity) => new TorchNetwork(spec, rowCapacity, Settings.Device);
#pragma warning restore CA1859
}
