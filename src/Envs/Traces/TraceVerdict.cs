namespace AkkaRL.Envs.Traces;

/// <summary>How far an env departed from a recorded trace.</summary>
/// <param name="Environment">The env's id.</param>
/// <param name="Episodes">Episodes replayed.</param>
/// <param name="Steps">Steps replayed.</param>
/// <param name="LargestObservationDeviation">The largest |ours - recorded| over all components of all observations; 0 when they are equal
/// as float32.</param>
/// <param name="LargestRewardDeviation">The largest |ours - recorded| over all rewards.</param>
/// <param name="FlagMismatches">Steps whose terminated or truncated flag differs; an episode's replay ends at its first.</param>
/// <param name="FirstMismatch">The first difference of any kind and size, in words; null when there is none.</param>
public sealed record TraceVerdict(
    string Environment, int Episodes, int Steps,
    double LargestObservationDeviation, double LargestRewardDeviation, int FlagMismatches, string? FirstMismatch)
{
    /// <summary>Whether all flags agree, and all observations and rewards to within <paramref name="tolerance"/>.</summary>
    public bool AgreesWithin(double tolerance) =>
        FlagMismatches == 0 && LargestObservationDeviation <= tolerance && LargestRewardDeviation <= tolerance;
}
