using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// An algorithm of the asynchronous shape, the part of one worker: act for at most t_max steps with a copy of the parameters, then turn
/// the rollout into one gradient. Applying it belongs to the parameter server.
/// </summary>
public interface IGradientAlgorithm : IDisposable
{
    /// <summary>t − t_start, the env steps of the open rollout.</summary>
    int Steps { get; }

    /// <summary>Whether the rollout's last step ended its episode.</summary>
    bool EpisodeEnded { get; }

    /// <summary>Whether the rollout has to be turned into a gradient before the next step.</summary>
    bool IsRolloutOver { get; }

    /// <summary>Takes the parameters of the shared target network, θ⁻ [P]. Nothing to an algorithm without one.</summary>
    void LoadTarget(ReadOnlySpan<float> parameters) { }

    /// <summary>Begins a rollout: θ′ = θ.</summary>
    /// <param name="parameters">θ [P].</param>
    /// <param name="steps">The most steps that the rollout may have, at most t_max.</param>
    /// <param name="globalStep">T, env steps over all workers, which schedules go by.</param>
    void Synchronize(ReadOnlySpan<float> parameters, int steps, long globalStep);

    /// <summary>Chooses a_t.</summary>
    /// <param name="observation">s_t [O].</param>
    /// <param name="random">The worker's random numbers.</param>
    /// <param name="allowed">Which actions s_t allows [M]; empty for all.</param>
    /// <returns>The action [A], valid until the next rollout, not clipped to the action space.</returns>
    ReadOnlySpan<float> Act(ReadOnlySpan<float> observation, RandomStream random, ReadOnlySpan<bool> allowed = default);

    /// <summary>Takes r_t and how the step ended; closes step t.</summary>
    void Observe(double reward, bool terminated, bool truncated);

    /// <summary>Turns the rollout into the gradient of its loss, clipped.</summary>
    /// <param name="nextObservation">s_t after the rollout's last step [O]: the true final observation when the episode ended.</param>
    /// <param name="random">The worker's random numbers.</param>
    /// <param name="gradient">Receives ∂L/∂θ′ [P].</param>
    /// <param name="nextAllowed">Which actions that state allows [M]; empty for all, or where the rollout's last step terminated.</param>
    /// <returns>The rollout's losses (means over its steps) and the gradient's norm before clipping.</returns>
    ActorCriticLosses ComputeGradient(ReadOnlySpan<float> nextObservation, RandomStream random, Span<float> gradient, ReadOnlySpan<bool> nextAllowed = default);

    /// <summary>Writes what the next rollout depends on beside parameters and random numbers.</summary>
    void CaptureState(BinaryWriter writer) { }

    /// <summary>Reads what <see cref="CaptureState"/> wrote.</summary>
    void RestoreState(BinaryReader reader) { }
}
