namespace AkkaRL.Models.Returns;

/// <summary>
/// V-trace: value targets and advantages of a policy π from the rollouts of another, μ. With w_t = π(a_t | s_t) / μ(a_t | s_t),
/// ρ_t = min(ρ̄, w_t) and c_t = λ min(c̄, w_t),
/// v_s = V(s_s) + Σ_{t≥s} γ^{t−s} (Π_{s≤i&lt;t} c_i) δ_t, δ_t = ρ_t (r_t + γ V(s_{t+1}) − V(s_t)), summed to the end of the episode or of the rollout,
/// and A_s = ρ_s (r_s + γ v_{s+1} − V(s_s)).
/// </summary>
/// <remarks>
/// Source: L. Espeholt et al., "IMPALA: Scalable Distributed Deep-RL with Importance Weighted Actor-Learner Architectures" (2018),
/// equation 1, remark 1 (the recursion), remark 2 (λ) and section 4.2 (the policy gradient). Where π = μ, and ρ̄, c̄ are at least 1 and λ = 1,
/// v is the n-step return. O(T), nothing allocated.
/// </remarks>
public static class VTrace
{
    /// <summary>Targets and advantages of one segment, which ends either terminated or with a value to bootstrap from.</summary>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="values">V(s_t) [T], of the observations acted on.</param>
    /// <param name="weights">w_t [T], not truncated.</param>
    /// <param name="bootstrapValue">V(s_T), of the observation after the last reward; 0 when it terminated, not when it was truncated.</param>
    /// <param name="settings">γ, λ, ρ̄ and c̄.</param>
    /// <param name="targets">Receives v [T].</param>
    /// <param name="advantages">Receives A [T].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Compute(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float bootstrapValue, in VTraceFactors settings,
        Span<float> targets, Span<float> advantages)
    {
        RequireLength(values.Length, rewards.Length, nameof(values));
        RequireLength(weights.Length, rewards.Length, nameof(weights));
        RequireLength(targets.Length, rewards.Length, nameof(targets));
        RequireLength(advantages.Length, rewards.Length, nameof(advantages));
        // v_s = V(s_s) + δ_s + γ c_s (v_{s+1} − V(s_{s+1}))
        var (nextValue, nextTarget) = (bootstrapValue, bootstrapValue);
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            var rho = Math.Min(settings.MaximumWeight, weights[t]);
            var c = settings.Lambda * Math.Min(settings.MaximumTraceWeight, weights[t]);
            var (value, reward, following) = (values[t], rewards[t], nextTarget);
            nextTarget = value + rho * (reward + settings.Gamma * nextValue - value) + settings.Gamma * c * (following - nextValue);
            nextValue = value;
            targets[t] = nextTarget;
            advantages[t] = rho * (reward + settings.Gamma * following - value);
        }
    }

    /// <summary>Targets and advantages of a rollout in which episodes may end and others begin.</summary>
    /// <param name="rewards">r [T]: r_t followed the action at t.</param>
    /// <param name="values">V(s_t) [T], of the observations acted on.</param>
    /// <param name="weights">w_t [T], not truncated.</param>
    /// <param name="terminated">[T]: step t ended its episode; nothing follows, no bootstrap. Wins where <paramref name="truncated"/> is set too.</param>
    /// <param name="truncated">[T]: step t's episode was cut off; its final observation's value stands for what would have followed.</param>
    /// <param name="finalValues">[T]: V of the final observation of a truncated episode (before the reset), read only where step t is truncated.</param>
    /// <param name="bootstrapValue">V(s_T), of the observation after the last reward, read only when the last step ended nothing.</param>
    /// <param name="settings">γ, λ, ρ̄ and c̄.</param>
    /// <param name="targets">Receives v [T].</param>
    /// <param name="advantages">Receives A [T].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Compute(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> values, ReadOnlySpan<float> weights, ReadOnlySpan<bool> terminated, ReadOnlySpan<bool> truncated,
        ReadOnlySpan<float> finalValues, float bootstrapValue, in VTraceFactors settings, Span<float> targets, Span<float> advantages)
    {
        RequireLength(terminated.Length, rewards.Length, nameof(terminated));
        RequireLength(truncated.Length, rewards.Length, nameof(truncated));
        RequireLength(finalValues.Length, rewards.Length, nameof(finalValues));
        // An ended episode is a segment of its own; so is what is left at the end.
        var end = rewards.Length;
        for (var t = rewards.Length - 1; t >= -1; t--)
        {
            if (t >= 0 && !terminated[t] && !truncated[t])
                continue;
            var segment = (t + 1)..end;
            Compute(rewards[segment], values[segment], weights[segment], bootstrapValue, settings, targets[segment], advantages[segment]);
            if (t >= 0)
                (end, bootstrapValue) = (t + 1, terminated[t] ? 0 : finalValues[t]);
        }
    }

    private static void RequireLength(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"Expected {expected} {name}, one a step, not {actual}.", name);
    }
}

/// <summary>The factors of V-trace.</summary>
/// <param name="Gamma">γ, discount a step.</param>
/// <param name="Lambda">λ, in [0, 1]; 1 is the plain one.</param>
/// <param name="MaximumWeight">ρ̄, where the weight of a temporal difference is truncated: it decides which policy V belongs to.</param>
/// <param name="MaximumTraceWeight">c̄, where the weight of what follows is truncated: it decides how far a difference reaches back.</param>
public readonly record struct VTraceFactors(float Gamma, float Lambda, float MaximumWeight, float MaximumTraceWeight);
