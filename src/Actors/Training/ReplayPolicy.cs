using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Training;

/// <summary>How an algorithm of the replay shape acts: beside the greedy action, what the env is given for an action of the replay.</summary>
public abstract class ReplayPolicy : ActingPolicy
{
    /// <summary>A, floats an action as the replay holds it.</summary>
    public abstract int ActionSize { get; }

    /// <summary>Writes what the env is given for an action of the replay.</summary>
    public abstract void ToEnvAction(ReadOnlySpan<float> action, Span<float> envAction);
}

/// <summary>The policy of Q-learning: the action of the largest value.</summary>
public sealed class GreedyPolicy : ReplayPolicy
{
    private readonly bool dueling;

    /// <summary>The policy for these spaces.</summary>
    /// <exception cref="InvalidSettingsException">The actions are not Discrete.</exception>
    public GreedyPolicy(NetworkSettings network, DQNSettings settings, int observationSize, Space actionSpace)
    {
        if (actionSpace is not Discrete discrete)
            throw new InvalidSettingsException(
                $"akkarl.algorithm is \"dqn\", which chooses among Discrete actions, but the env has actions of {actionSpace}. Set akkarl.algorithm to sac, td3, ddpg or a3c for continuous actions, or take another env.");
        (Actions, dueling) = (discrete.Count, settings.Dueling);
        Network = DQN.Network(observationSize, discrete.Count, dueling, network);
    }

    /// <summary>How many actions there are.</summary>
    public int Actions { get; }

    /// <inheritdoc/>
    public override NetworkSpec Network { get; }

    /// <inheritdoc/>
    public override int ActionSize => 1;

    /// <inheritdoc/>
    public override void ActGreedily(ReadOnlySpan<float> outputs, Span<float> envAction) => envAction[0] = DQN.Greedy(outputs, dueling);

    /// <inheritdoc/>
    public override void ToEnvAction(ReadOnlySpan<float> action, Span<float> envAction) => action.CopyTo(envAction);
}
