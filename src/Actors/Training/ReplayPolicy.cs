using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Training;

/// <summary>The policy of Q-learning: the action of the largest value.</summary>
public sealed class GreedyPolicy : ActingPolicy
{
    private readonly QHead head;

    /// <summary>The policy for these spaces.</summary>
    /// <param name="algorithm">Whose name errors give.</param>
    /// <param name="settings">The network's shape.</param>
    /// <param name="observations">What the env observes.</param>
    /// <param name="actionSpace">Discrete.</param>
    /// <param name="head">What the network says of an action; null for its value.</param>
    /// <exception cref="InvalidSettingsException">The actions are not Discrete, or the network does not fit the observations.</exception>
    public GreedyPolicy(string algorithm, RunSettings settings, Box observations, Space actionSpace, DQNSettings? head = null)
    {
        var discrete = actionSpace as Discrete ?? throw SpaceValidation.Refusal(algorithm, "chooses among Discrete actions", actionSpace);
        (Actions, this.head) = (discrete.Count, new QHead(discrete.Count, head ?? new DQNSettings()));
        Network = NetworkValidation.Complete(this.head.Network(observations.Size, settings.Network), settings, observations);
    }

    /// <summary>How many actions there are.</summary>
    public int Actions { get; }

    /// <inheritdoc/>
    public override NetworkSpec Network { get; }

    /// <inheritdoc/>
    public override int ActionSize => 1;

    /// <inheritdoc/>
    public override void ActGreedily(ReadOnlySpan<float> outputs, Span<float> envAction, ReadOnlySpan<bool> allowed = default) =>
        envAction[0] = head.Greedy(outputs, allowed);

    /// <inheritdoc/>
    public override void ToEnvAction(ReadOnlySpan<float> action, Span<float> envAction) => action.CopyTo(envAction);
}

/// <summary>The policy of continuous control: tanh of the network's first A columns, scaled to the action space.</summary>
public sealed class SquashedPolicy : ActingPolicy
{
    private readonly Box bounds;

    /// <summary>The policy for these spaces.</summary>
    /// <param name="algorithm">Whose name errors give.</param>
    /// <param name="network">The network's shape.</param>
    /// <param name="observationSize">O.</param>
    /// <param name="actionSpace">A bounded Box.</param>
    /// <param name="isStochastic">Whether the network has A log standard deviations beside the A means.</param>
    /// <exception cref="InvalidSettingsException">The action space is of another kind, or has no bounds.</exception>
    public SquashedPolicy(string algorithm, NetworkSettings network, int observationSize, Space actionSpace, bool isStochastic)
    {
        bounds = actionSpace as Box ?? throw SpaceValidation.Refusal(algorithm, "chooses Box actions and knows no masks", actionSpace);
        for (var i = 0; i < bounds.Size; i++)
            if (!float.IsFinite(bounds.Low[i]) || !float.IsFinite(bounds.High[i]))
                throw new InvalidSettingsException(
                    $"akkarl.algorithm is \"{algorithm}\", which needs bounded actions, but action {i} of the env goes from {bounds.Low[i]} to {bounds.High[i]}. Give the env's Box finite bounds, or set akkarl.algorithm = a3c.");
        Network = ContinuousControl.Policy(observationSize, isStochastic ? 2 * bounds.Size : bounds.Size, network);
    }

    /// <inheritdoc/>
    public override NetworkSpec Network { get; }

    /// <inheritdoc/>
    public override int ActionSize => bounds.Size;

    /// <inheritdoc/>
    public override void ActGreedily(ReadOnlySpan<float> outputs, Span<float> envAction, ReadOnlySpan<bool> allowed = default)
    {
        for (var i = 0; i < bounds.Size; i++)
            envAction[i] = MathF.Tanh(outputs[i]);
        ToEnvAction(envAction, envAction);
    }

    /// <summary>From [−1, 1] to the bounds.</summary>
    public override void ToEnvAction(ReadOnlySpan<float> action, Span<float> envAction)
    {
        for (var i = 0; i < bounds.Size; i++)
            envAction[i] = Math.Clamp(bounds.Low[i] + (action[i] + 1) / 2 * (bounds.High[i] - bounds.Low[i]), bounds.Low[i], bounds.High[i]);
    }
}
