using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Actors.Synchronous;

/// <summary>How large a batch is and how it is shared out: workers · envs · steps.</summary>
/// <param name="Workers">Worker actors.</param>
/// <param name="EnvsPerWorker">Envs of one worker.</param>
/// <param name="StepsMaximum">The most steps of one env in a batch.</param>
/// <param name="WholeEpisodes">Whether each env plays one episode, from its start to its end, however long within the maximum.</param>
public sealed record BatchSize(int Workers, int EnvsPerWorker, int StepsMaximum, bool WholeEpisodes)
{
    /// <summary>The batch of a run.</summary>
    public static BatchSize Of(RunPlan plan, RolloutSettings settings, bool wholeEpisodes) => new(
        plan.Settings.Workers, settings.EnvsPerWorker,
        wholeEpisodes ? Math.Min(settings.RolloutSteps, plan.Env.MaximumEpisodeSteps ?? int.MaxValue) : settings.RolloutSteps,
        wholeEpisodes);

    /// <summary>The most rows of a batch.</summary>
    public int Rows => Workers * EnvsPerWorker * StepsMaximum;

    /// <summary>A worker's buffers.</summary>
    public Rollout MakeRollout(RunPlan plan, ActorCriticPolicy policy) =>
        new(EnvsPerWorker, StepsMaximum, plan.ObservationSize, policy.Distribution.ActionSize, policy.Outputs.PolicySize, policy.Network.StateSize);

    /// <summary>
    /// Shares out what is left of a run, so that exactly its total is made: as many steps for every env as there are, the first envs one
    /// more where they do not come out even.
    /// </summary>
    /// <param name="remaining">Env steps left.</param>
    /// <param name="worker">Whose share.</param>
    /// <param name="steps">Receives the steps of each env [E].</param>
    public void Share(long remaining, int worker, Span<int> steps)
    {
        var envs = (long)Workers * EnvsPerWorker;
        for (var env = 0; env < EnvsPerWorker; env++)
            steps[env] = (int)Math.Min(StepsMaximum, remaining / envs + (worker * EnvsPerWorker + env < remaining % envs ? 1 : 0));
    }
}
