namespace AkkaRL.Actors.Training;

/// <summary>Tells when a learner has come as far as its next report or evaluation.</summary>
/// <param name="intervalSteps">Env steps between two; 0 for never.</param>
public sealed class Milestones(long intervalSteps)
{
    private long next = intervalSteps > 0 ? intervalSteps : long.MaxValue;

    /// <summary>Whether this global step is at or past the next milestone, which is passed then.</summary>
    public bool Reach(long globalStep)
    {
        if (globalStep < next)
            return false;
        next = (globalStep / intervalSteps + 1) * intervalSteps;
        return true;
    }
}
