using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Training;

/// <summary>Refuses networks that the engine, the algorithm or the env does not serve, by the names that a user knows them by.</summary>
internal static class NetworkValidation
{
    private const string Convolution = "akkarl.network.convolution", Recurrent = "akkarl.network.recurrent";

    /// <summary>What must hold between the network's settings and others, whatever the env.</summary>
    /// <exception cref="InvalidSettingsException">It does not; the message names keys, values and what to do.</exception>
    public static void Require(RunSettings settings, AlgorithmEntry algorithm)
    {
        var network = settings.Network;
        Require(!network.Hidden.IsDefault && network.Hidden.Length <= 64,
            "akkarl.network.hidden must list 0 to 64 hidden layers, such as [64, 64].");
        foreach (var width in network.Hidden)
            Require(width is >= 1 and <= 65_536,
                $"akkarl.network.hidden has a layer of {width} units; each must have between 1 and 65536, such as [64, 64].");
        if (network.Recurrent != RecurrentKind.None)
            RequireRecurrent(settings, algorithm, $"{Recurrent} is {Text(network.Recurrent)}");
        if (network.Convolution != ConvolutionKind.None)
            RequireConvolution(settings, algorithm, $"{Convolution} is {Text(network.Convolution)}");
    }

    /// <summary>What must hold of a run whose network is made by the caller.</summary>
    /// <exception cref="InvalidSettingsException">It does not; the message names keys, values and what to do.</exception>
    public static void RequireOwn(RunSettings settings, AlgorithmEntry algorithm)
    {
        const string Own = "the run is given a network of its own";
        Require(settings.Engine != EngineKind.Fused, $"akkarl.engine is fused, but {Own}, which TorchSharp computes; set akkarl.engine = auto or torch.");
        Require(settings.Network.Recurrent == RecurrentKind.None, $"{Recurrent} is {Text(settings.Network.Recurrent)}, but {Own}; set {Recurrent} = none.");
        Require(settings.Network.Convolution == ConvolutionKind.None, $"{Convolution} is {Text(settings.Network.Convolution)}, but {Own}; set {Convolution} = none.");
        Require(IsPolicyAlone(algorithm), $"akkarl.algorithm is {algorithm.Name}, {(IsAsynchronousQ(algorithm) ? "whose networks are dense layers of the settings" : "which has critics beside the policy")}, but {Own}{(IsAsynchronousQ(algorithm) ? "" : ", and one alone")}; set akkarl.algorithm to one of {Names(IsPolicyAlone)}.");
        Require(!settings.DQN.Noisy, $"akkarl.dqn.noisy is on, but {Own}, whose layers are not known; set akkarl.dqn.noisy = off, or leave the network to akkarl.network.");
        Require(!NormalizesObservations(settings), $"akkarl.{settings.Algorithm}.normalize-observations is on, but {Own}, into which statistics cannot be folded; set it off, and normalise in the module or the env.");
    }

    /// <summary>The network of a policy with the convolution and the memory of the settings.</summary>
    /// <exception cref="InvalidSettingsException">The env's observations are no images, or too small.</exception>
    public static NetworkSpec Complete(NetworkSpec spec, RunSettings settings, Box observations)
    {
        var kind = settings.Network.Convolution;
        Require(kind == ConvolutionKind.None || observations.Shape.Length == 3,
            $"{Convolution} is {Text(kind)}, which reads images, but {settings.Environment} has observations of {observations}. Set {Convolution} = none, or take an env whose Box has a Shape of [channels, rows, columns].");
        var complete = spec.With(settings.Network, observations.Shape);
        try
        {
            foreach (var tower in complete.Towers)
                _ = tower.Convolution?.Outputs;
        }
        catch (ArgumentException error)
        {
            throw new InvalidSettingsException($"{Convolution} is {Text(kind)}, but {error.Message}. Set {Convolution} = {Text(ConvolutionKind.Small)} or none, or take an env with larger images than {settings.Environment}.");
        }
        return complete;
    }

    private static void RequireRecurrent(RunSettings settings, AlgorithmEntry algorithm, string setting)
    {
        Require(settings.Engine != EngineKind.Fused,
            $"{setting}, but akkarl.engine is fused, which computes dense layers alone; set akkarl.engine = auto or torch, or {Recurrent} = none.");
        Require(IsActorCritic(algorithm),
            $"{setting}, but akkarl.algorithm is {algorithm.Name}, {(IsAsynchronousQ(algorithm) ? "whose workers remember nothing of an episode" : "which learns from single transitions and has no memory to start them from")}; set akkarl.algorithm to one of {Names(IsActorCritic)}, or {Recurrent} = none.");
        var (section, minibatch, rollout) = settings.Algorithm switch
        {
            "ppo" => ("akkarl.ppo", settings.PPO.MinibatchSize, settings.PPO.RolloutSteps),
            "ppo-kl" => ("akkarl.ppo-kl", settings.PPOKl.MinibatchSize, settings.PPOKl.RolloutSteps),
            _ => ("", 1, 1),
        };
        Require(minibatch >= rollout,
            $"{setting}, so that minibatches are whole sequences, but {section}.minibatch-size, {minibatch}, is below {section}.rollout-steps, {rollout}; raise the first or lower the second.");
    }

    private static void RequireConvolution(RunSettings settings, AlgorithmEntry algorithm, string setting)
    {
        Require(settings.Engine != EngineKind.Fused,
            $"{setting}, but akkarl.engine is fused, which computes dense layers alone; set akkarl.engine = auto or torch, or {Convolution} = none.");
        Require(IsPolicyAlone(algorithm),
            $"{setting}, but akkarl.algorithm is {algorithm.Name}, {(IsAsynchronousQ(algorithm) ? "whose networks are dense layers alone" : "whose critics take actions beside observations")}; set akkarl.algorithm to one of {Names(IsPolicyAlone)}, or {Convolution} = none.");
        Require(!NormalizesObservations(settings),
            $"{setting}, but akkarl.{settings.Algorithm}.normalize-observations is on, whose statistics cannot be folded into a convolution; set it off, and scale images in the env.");
    }

    private static bool NormalizesObservations(RunSettings settings) => SettingKeys.PropertiesOf(typeof(RunSettings)).Any(property =>
        property.GetValue(settings) is RolloutSettings { NormalizeObservations: true } && SettingKeys.Of(property.Name) == settings.Algorithm);

    private static bool IsActorCritic(AlgorithmEntry algorithm) => algorithm.Name == "a3c" || algorithm.Shape == "synchronous";

    private static bool IsAsynchronousQ(AlgorithmEntry algorithm) => algorithm.Shape == "asynchronous" && !IsActorCritic(algorithm);

    private static bool IsPolicyAlone(AlgorithmEntry algorithm) => IsActorCritic(algorithm) || algorithm.Name == "dqn";

    private static string Names(Func<AlgorithmEntry, bool> serves) => string.Join(", ", AlgorithmCatalog.All.Where(serves).Select(entry => entry.Name));

    private static string Text(Enum value) => value.ToString().ToLowerInvariant();

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new InvalidSettingsException(message);
    }
}
