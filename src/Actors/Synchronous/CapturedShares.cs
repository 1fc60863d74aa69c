using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Models.State;

namespace AkkaRL.Actors.Synchronous;

/// <summary>How a worker's share of a batch that was collected ahead, and is still to be learned from, is written into a snapshot and read back.</summary>
internal static class CapturedShares
{
    /// <summary>Whether the snapshot holds a batch that was collected ahead.</summary>
    public static bool AreIn(RunState state) => state.Has(Name(0));

    /// <summary>Writes one worker's.</summary>
    public static void Capture(RunState state, int worker, RolloutLoan share)
    {
        state.Write(Name(worker), share.Version);
        share.Rollout.Visit(new RunStateVisitor(state, isRestoring: false, $"worker-{worker}.share."));
        var episodes = share.Episodes.SelectMany(episode => new[] { episode.Return, episode.Length }).ToArray();
        state.Write($"worker-{worker}.share.episodes", share.Episodes.Count);
        new RunStateVisitor(state, isRestoring: false).Visit($"worker-{worker}.share.episode-ends", episodes.AsSpan());
    }

    /// <summary>Puts back into a loan what the worker had collected.</summary>
    public static void Restore(RunState state, RolloutLoan loan)
    {
        loan.Version = state.Whole(Name(loan.Worker));
        loan.Rollout.Visit(new RunStateVisitor(state, isRestoring: true, $"worker-{loan.Worker}.share."));
        var episodes = new double[2 * state.Whole($"worker-{loan.Worker}.share.episodes")];
        new RunStateVisitor(state, isRestoring: true).Visit($"worker-{loan.Worker}.share.episode-ends", episodes.AsSpan());
        loan.Episodes.Clear();
        for (var i = 0; i < episodes.Length; i += 2)
            loan.Episodes.Add(new FinishedEpisode(episodes[i], (int)episodes[i + 1]));
    }

    private static string Name(int worker) => $"worker-{worker}.share.version";
}
