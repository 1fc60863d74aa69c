namespace AkkaRL.Chaos.Tests.Faults;

/// <summary>A fault was played, and every invariant held.</summary>
/// <param name="LostSteps">The most env steps that a take-over lost.</param>
/// <param name="NotCountedSteps">Env steps that were made and are in no life's count.</param>
internal sealed record FaultPlayed(long LostSteps, long NotCountedSteps)
{
    /// <summary>From the fault until a new life of the learner counted steps; null where there was none.</summary>
    public double? SecondsToTraining { get; init; }

    /// <summary>The longest time without progress while the fault lasted; null where it is not asked for.</summary>
    public double? SecondsWithoutProgress { get; init; }

    /// <summary>How it was provoked, where there are several ways.</summary>
    public string Means { get; init; } = "";
}
