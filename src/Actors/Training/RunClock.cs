namespace AkkaRL.Actors.Training;

/// <summary>The seconds of a run, from when it is made: the first worker's start.</summary>
/// <param name="time">Where time comes from.</param>
public sealed class RunClock(TimeProvider time)
{
    private readonly long start = time.GetTimestamp();

    /// <summary>Seconds since the start.</summary>
    public double Seconds => time.GetElapsedTime(start).TotalSeconds;
}
