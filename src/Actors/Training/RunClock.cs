namespace AkkaRL.Actors.Training;

/// <summary>The seconds of a run, from when it is made: the first worker's start.</summary>
/// <param name="time">Where time comes from.</param>
/// <param name="before">Seconds of the run's former lives.</param>
public sealed class RunClock(TimeProvider time, double before = 0)
{
    private readonly long start = time.GetTimestamp();

    /// <summary>Seconds since the start.</summary>
    public double Seconds => before + time.GetElapsedTime(start).TotalSeconds;
}
