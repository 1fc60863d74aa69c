using System.Diagnostics;

namespace AkkaRL.Envs.Wrappers;

/// <summary>An env whose steps take time, and no processor time, as those of a simulator that runs elsewhere: shows how a run scales on a machine with few cores.</summary>
/// <remarks>Time is slept in whole milliseconds. What is slept too long, or is left below a millisecond, is reckoned with the next steps: over many, each takes as long as asked for.</remarks>
public sealed class SlowedEnv : EnvWrapper
{
    private static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(1);

    private readonly object never = new();
    private readonly TimeSpan step;
    private TimeSpan owed;

    /// <summary>Slows an env down.</summary>
    /// <param name="inner">The env.</param>
    /// <param name="step">What a step takes, at least.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public SlowedEnv(IEnv inner, TimeSpan step) : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.Zero);
        this.step = step;
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var began = Stopwatch.GetTimestamp();
        var result = base.Step(action, observation);
        owed += step;
        var wait = owed - Stopwatch.GetElapsedTime(began);
        if (wait >= Granularity)
            lock (never)
                Monitor.Wait(never, (int)wait.TotalMilliseconds);
        // A machine that is too busy to wake it in time is not made up for.
        owed -= Stopwatch.GetElapsedTime(began);
        owed = owed < -Granularity ? -Granularity : owed;
        return result;
    }
}
