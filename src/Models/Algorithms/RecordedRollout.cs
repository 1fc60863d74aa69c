namespace AkkaRL.Models.Algorithms;

/// <summary>What the targets of a rollout are computed from: T steps of one worker, within one episode.</summary>
/// <param name="rewards">r [T], scaled.</param>
/// <param name="nextObservations">s_{t+1} [T, O].</param>
/// <param name="nextActions">a_{t+1} [T]; the last only where the algorithm asked for it.</param>
/// <param name="terminated">Whether the last step terminated the episode.</param>
/// <param name="nextAllowed">Which actions s_{t+1} allows [T, A]; empty for all, and the last row is not read where the episode terminated.</param>
public readonly ref struct RecordedRollout(
    ReadOnlySpan<float> rewards, ReadOnlySpan<float> nextObservations, ReadOnlySpan<int> nextActions, bool terminated, ReadOnlySpan<bool> nextAllowed = default)
{
    /// <summary>r [T], scaled.</summary>
    public ReadOnlySpan<float> Rewards { get; } = rewards;

    /// <summary>s_{t+1} [T, O]: the true final observation when the episode ended.</summary>
    public ReadOnlySpan<float> NextObservations { get; } = nextObservations;

    /// <summary>s_T [O].</summary>
    public ReadOnlySpan<float> FinalObservation => NextObservations[^(NextObservations.Length / Rewards.Length)..];

    /// <summary>a_{t+1} [T]; the last only where the algorithm asked for it.</summary>
    public ReadOnlySpan<int> NextActions { get; } = nextActions;

    /// <summary>Whether the last step terminated the episode; not when it was truncated.</summary>
    public bool Terminated { get; } = terminated;

    /// <summary>Which actions s_{t+1} allows [T, A]; empty for all, and the last row is not read where the episode terminated.</summary>
    public ReadOnlySpan<bool> NextAllowed { get; } = nextAllowed;

    /// <summary>Which actions s_T allows [A]; empty for all.</summary>
    public ReadOnlySpan<bool> FinalAllowed => NextAllowed[^(NextAllowed.Length / Rewards.Length)..];
}
