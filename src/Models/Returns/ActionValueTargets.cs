using System.Numerics.Tensors;
using AkkaRL.Models.Distributions;

namespace AkkaRL.Models.Returns;

/// <summary>What an action-value function is regressed towards over one segment of an episode, given Q⁻, the values of an older one.</summary>
/// <remarks>
/// Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), section 4, Algorithms 1 and S2. A segment has T
/// steps, the last of which may have terminated its episode; a truncated one goes on as far as targets are concerned. Nothing allocated.
/// </remarks>
public static class ActionValueTargets
{
    /// <summary>One-step Q-learning: y_t = r_t + γ max_a Q⁻(s_{t+1}, a), and y_t = r_t where s_{t+1} is terminal.</summary>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="nextValues">Q⁻(s_{t+1}, ·) [T, A]; the last row is not read when the last step terminated.</param>
    /// <param name="terminated">Whether the last step terminated its episode; not when it was truncated.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="targets">Receives y [T].</param>
    /// <param name="nextAllowed">Which actions s_{t+1} allows [T, A], of which the best is taken; empty for all.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void OneStepQ(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> nextValues, bool terminated, float gamma, Span<float> targets, ReadOnlySpan<bool> nextAllowed = default)
    {
        var actions = RequireFit(rewards, nextValues, targets);
        for (var t = 0; t < rewards.Length; t++)
            targets[t] = terminated && t == rewards.Length - 1
                ? rewards[t]
                : rewards[t] + gamma * Best(nextValues.Slice(t * actions, actions), nextAllowed.IsEmpty ? [] : nextAllowed.Slice(t * actions, actions));
    }

    /// <summary>One-step Sarsa: y_t = r_t + γ Q⁻(s_{t+1}, a_{t+1}), and y_t = r_t where s_{t+1} is terminal.</summary>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="nextValues">Q⁻(s_{t+1}, ·) [T, A]; the last row is not read when the last step terminated.</param>
    /// <param name="nextActions">a_{t+1} [T], the action taken in s_{t+1}; the last is not read when the last step terminated.</param>
    /// <param name="terminated">Whether the last step terminated its episode; not when it was truncated.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="targets">Receives y [T].</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void OneStepSarsa(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> nextValues, ReadOnlySpan<int> nextActions, bool terminated, float gamma, Span<float> targets)
    {
        var actions = RequireFit(rewards, nextValues, targets);
        if (nextActions.Length != rewards.Length)
            throw new ArgumentException($"Expected {rewards.Length} actions, as many as rewards, not {nextActions.Length}.", nameof(nextActions));
        for (var t = 0; t < rewards.Length; t++)
            targets[t] = terminated && t == rewards.Length - 1
                ? rewards[t]
                : rewards[t] + gamma * nextValues[t * actions + nextActions[t]];
    }

    /// <summary>n-step Q-learning: y_t = r_t + γ y_{t+1} with y_T = max_a Q⁻(s_T, a), and y_T = 0 where s_T is terminal.</summary>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="finalValues">Q⁻(s_T, ·) [A]; not read when the last step terminated.</param>
    /// <param name="terminated">Whether the last step terminated its episode; not when it was truncated.</param>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="targets">Receives y [T].</param>
    /// <param name="finalAllowed">Which actions s_T allows [A], of which the best is taken; empty for all.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void NStepQ(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> finalValues, bool terminated, float gamma, Span<float> targets, ReadOnlySpan<bool> finalAllowed = default) =>
        DiscountedReturns.Compute(rewards, terminated ? 0 : Best(finalValues, finalAllowed), gamma, targets);

    private static float Best(ReadOnlySpan<float> values, ReadOnlySpan<bool> allowed) =>
        allowed.IsEmpty ? TensorPrimitives.Max(values) : values[ActionMask.Best(allowed, values)];

    /// <summary>Returns A.</summary>
    private static int RequireFit(ReadOnlySpan<float> rewards, ReadOnlySpan<float> nextValues, Span<float> targets)
    {
        if (targets.Length != rewards.Length)
            throw new ArgumentException($"Expected {rewards.Length} targets, as many as rewards, not {targets.Length}.", nameof(targets));
        if (rewards.IsEmpty || nextValues.IsEmpty || nextValues.Length % rewards.Length != 0)
            throw new ArgumentException($"Expected the values of every action after each of {rewards.Length} rewards, not {nextValues.Length} values.", nameof(nextValues));
        return nextValues.Length / rewards.Length;
    }
}
