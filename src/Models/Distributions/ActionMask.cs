using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Distributions;

/// <summary>
/// Which of n discrete actions a state allows: a flag each, or no flags at all where all are allowed. To a policy, an action that is not
/// allowed has the logit −∞: probability 0, no share in entropy and divergence, and no gradient.
/// </summary>
/// <remarks>
/// Source: S. Huang and S. Ontañón, "A Closer Look at Invalid Action Masking in Policy Gradient Algorithms" (2022): the gradient of a masked
/// policy is a policy gradient. What a rollout records of a policy holds its mask, as logits of −∞. Nothing allocates.
/// </remarks>
public static class ActionMask
{
    /// <summary>Sets the logits of actions that are not allowed to −∞.</summary>
    /// <param name="allowed">[n], or empty.</param>
    /// <param name="logits">[n] or more, of which the first n.</param>
    public static void Apply(ReadOnlySpan<bool> allowed, Span<float> logits)
    {
        for (var i = 0; i < allowed.Length; i++)
            if (!allowed[i])
                logits[i] = float.NegativeInfinity;
    }

    /// <summary>Sets the logits to −∞ that were so in what was recorded when the policy acted.</summary>
    /// <param name="recorded">[n].</param>
    /// <param name="logits">[n].</param>
    public static void Repeat(ReadOnlySpan<float> recorded, Span<float> logits)
    {
        for (var i = 0; i < recorded.Length; i++)
            if (float.IsNegativeInfinity(recorded[i]))
                logits[i] = float.NegativeInfinity;
    }

    /// <summary>One of the allowed actions, each as likely as any other.</summary>
    /// <param name="allowed">[n], at least one of them true, or empty.</param>
    /// <param name="actions">n.</param>
    /// <param name="random">Where the choice comes from: one integer.</param>
    public static int Draw(ReadOnlySpan<bool> allowed, int actions, RandomStream random)
    {
        if (allowed.IsEmpty)
            return random.NextInteger(actions);
        var skipped = random.NextInteger(allowed.Count(true));
        var action = allowed.IndexOf(true);
        while (skipped-- > 0)
            action += 1 + allowed[(action + 1)..].IndexOf(true);
        return action;
    }

    /// <summary>The allowed action of the largest value; of equals the first.</summary>
    /// <param name="allowed">[n], at least one of them true, or empty.</param>
    /// <param name="values">[n].</param>
    public static int Best(ReadOnlySpan<bool> allowed, ReadOnlySpan<float> values)
    {
        var best = allowed.IsEmpty ? 0 : allowed.IndexOf(true);
        for (var action = best + 1; action < values.Length; action++)
            if (values[action] > values[best] && (allowed.IsEmpty || allowed[action]))
                best = action;
        return best;
    }
}
