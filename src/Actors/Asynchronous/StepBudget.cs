namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// Shares out a run's env steps so that exactly the total is applied: a rollout is granted its steps beforehand,
/// and what it did not use, or was not applied, goes back.
/// </summary>
/// <param name="total">Env steps of the run.</param>
public sealed class StepBudget(long total)
{
    private long granted;

    /// <summary>The global step: env steps applied.</summary>
    public long Applied { get; private set; }

    /// <summary>Whether every env step of the run has been applied.</summary>
    public bool IsSpent => Applied >= total;

    /// <summary>Goes on from a snapshot.</summary>
    public void Restore(long applied, long granted) => (Applied, this.granted) = (applied, granted);

    /// <summary>Grants at most <paramref name="wanted"/> steps; 0 when all that is left is out on other grants.</summary>
    public int Grant(int wanted)
    {
        var steps = (int)Math.Clamp(total - Applied - granted, 0, wanted);
        granted += steps;
        return steps;
    }

    /// <summary>Grants as many as <paramref name="most"/>, but at the end no more than a quarter of what is left, so that others have some; at least <paramref name="least"/> if there are so many.</summary>
    public int Grant(int most, int least) => Grant((int)Math.Clamp((total - Applied - granted) / 4, least, Math.Max(least, most)));

    /// <summary>Takes a grant back, of which <paramref name="applied"/> steps were applied.</summary>
    public void Settle(int grant, int applied)
    {
        granted -= grant;
        Applied += applied;
    }
}
