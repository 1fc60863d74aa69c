using AkkaRL.Envs;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Training;

/// <summary>How an algorithm acts on an env: the network that it acts with, and how an output row becomes an action. Immutable, for any thread.</summary>
public abstract class ActingPolicy
{
    /// <summary>The network; its parameters are what an evaluation needs and a policy file holds.</summary>
    public abstract NetworkSpec Network { get; }

    /// <summary>A, floats an action as the algorithm has it.</summary>
    public abstract int ActionSize { get; }

    /// <summary>Writes what the env is given for an action of the algorithm's.</summary>
    public abstract void ToEnvAction(ReadOnlySpan<float> action, Span<float> envAction);

    /// <summary>Writes the greedy action, as the env takes it, for one output row [H].</summary>
    /// <param name="outputs">The row.</param>
    /// <param name="envAction">Receives the action.</param>
    /// <param name="allowed">Which actions the state allows [M]; empty for all.</param>
    public abstract void ActGreedily(ReadOnlySpan<float> outputs, Span<float> envAction, ReadOnlySpan<bool> allowed = default);
}

/// <summary>The policy of an actor-critic: a distribution over actions beside a value.</summary>
public sealed class ActorCriticPolicy : ActingPolicy
{
    private readonly Box? bounds;

    /// <summary>The policy for these spaces.</summary>
    /// <param name="settings">The network's shape, and the env's name for errors.</param>
    /// <param name="observations">O, and the shape of images.</param>
    /// <param name="actionSpace">Any.</param>
    /// <param name="initialLogStandardDeviation">Of a Gaussian policy.</param>
    /// <exception cref="InvalidSettingsException">There are too many actions, or the network does not fit the observations.</exception>
    public ActorCriticPolicy(RunSettings settings, Box observations, Space actionSpace, double initialLogStandardDeviation)
    {
        bounds = actionSpace as Box;
        SpaceValidation.RequireFittingPolicy(settings, actionSpace);
        Distribution = actionSpace switch
        {
            Discrete discrete => new Categorical(discrete.Count),
            MultiDiscrete several => new MultiCategorical(several.Counts),
            _ => new DiagonalGaussian(actionSpace.Size),
        };
        var spec = NetworkSpec.ActorCritic(
            observations.Size, Distribution.HeadSize, Distribution.ConstantSize, settings.Network.Hidden, settings.Network.Activation, settings.Network.SharedTrunk,
            (float)initialLogStandardDeviation);
        Network = NetworkValidation.Complete(spec, settings, observations);
        Outputs = new ActorCriticOutputs(Network, Distribution);
    }

    /// <inheritdoc/>
    public override NetworkSpec Network { get; }

    /// <inheritdoc/>
    public override int ActionSize => Distribution.ActionSize;

    /// <summary>What the policy columns parametrise.</summary>
    public PolicyDistribution Distribution { get; }

    /// <summary>Where policy and value lie in an output row.</summary>
    public ActorCriticOutputs Outputs { get; }

    /// <inheritdoc/>
    public override void ActGreedily(ReadOnlySpan<float> outputs, Span<float> envAction, ReadOnlySpan<bool> allowed = default)
    {
        Span<float> columns = stackalloc float[Outputs.PolicySize];
        Outputs.GatherPolicy(outputs, columns);
        ActionMask.Apply(allowed, columns);
        Distribution.Mode(columns, envAction);
        ToEnvAction(envAction, envAction);
    }

    /// <summary>Writes what the env is given for an action of the distribution: clipped to a Box's bounds.</summary>
    public override void ToEnvAction(ReadOnlySpan<float> action, Span<float> envAction)
    {
        action.CopyTo(envAction);
        if (bounds is null)
            return;
        for (var i = 0; i < envAction.Length; i++)
            envAction[i] = Math.Clamp(envAction[i], bounds.Low[i], bounds.High[i]);
    }
}
