namespace AkkaRL.Actors.Protocol;

/// <summary>
/// The conversation about the shared target network of the asynchronous shape: the parameter server moves it, workers fetch it. Each
/// message names the learner's incarnation, for versions begin anew with it.
/// </summary>
public static class Targets
{
    /// <summary>Server to target network: this is θ⁻ from now on.</summary>
    public sealed record MoveTarget(long Incarnation, TargetParameters Target);

    /// <summary>Worker to target network: I was granted a rollout with this version.</summary>
    public sealed record FetchTarget(long Incarnation, long Version);

    /// <summary>Target network to worker: here it is; a newer one where that is forgotten already.</summary>
    /// <param name="Incarnation">As asked for.</param>
    /// <param name="Version">As asked for.</param>
    /// <param name="Target">The parameters.</param>
    public sealed record TargetFetched(long Incarnation, long Version, TargetParameters Target);
}

/// <summary>The parameters of a target network, which nobody changes: they may be shared.</summary>
/// <param name="Version">How many multiples of the target interval the global step had passed.</param>
/// <param name="Values">θ⁻ [P].</param>
public sealed record TargetParameters(long Version, ReadOnlyMemory<float> Values);
