using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Replay;

/// <summary>
/// The ratio of env steps to updates, kept exactly: after T env steps, ⌊(T − starts) / interval⌋ · updates-per-interval updates have been
/// made. A round is every worker's share of an interval, at least one step each. Pure.
/// </summary>
/// <param name="settings">The algorithm's settings.</param>
/// <param name="workers">Worker actors.</param>
/// <param name="totalSteps">Env steps of the run.</param>
public sealed class ReplayRounds(ReplaySettings settings, int workers, long totalSteps)
{
    /// <summary>The global step: env steps made, of completed rounds.</summary>
    public long Steps { get; private set; }

    /// <summary>Updates made.</summary>
    public long Updates { get; private set; }

    /// <summary>Whether every env step of the run is made.</summary>
    public bool IsSpent => Steps == totalSteps;

    /// <summary>Updates that are due and not made.</summary>
    public long UpdatesDue =>
        Steps < settings.LearningStarts ? 0 : (Steps - settings.LearningStarts) / settings.TrainInterval * settings.UpdatesPerInterval - Updates;

    /// <summary>Whether the target network moves after the latest update.</summary>
    public bool TargetMoves => Updates % settings.TargetInterval == 0;

    /// <summary>Whether the target network moves within the next <paramref name="ahead"/> updates: what comes after them cannot be judged yet.</summary>
    public bool TargetMovesWithin(int ahead) => (Updates + ahead) / settings.TargetInterval != Updates / settings.TargetInterval;

    /// <summary>Env steps of a worker in the next round: an even share, the first workers one more where it does not come out even.</summary>
    public int ShareOf(int worker)
    {
        var round = Math.Min((long)LargestShare(settings, workers) * workers, totalSteps - Steps);
        return (int)(round / workers + (worker < round % workers ? 1 : 0));
    }

    /// <summary>A round is over.</summary>
    public void Complete(int steps) => Steps += steps;

    /// <summary>An update is made.</summary>
    public void CountUpdate() => Updates++;

    /// <summary>Goes on from a snapshot.</summary>
    public void Restore(long steps, long updates) => (Steps, Updates) = (steps, updates);

    /// <summary>The most env steps of a worker in a round.</summary>
    public static int LargestShare(ReplaySettings settings, int workers) => Math.Max(1, settings.TrainInterval / workers);
}
