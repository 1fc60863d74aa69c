using AkkaRL.Actors.Protocol;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Training;

/// <summary>Mean losses since the last report, and the latest episodes of training. Nothing allocates after construction.</summary>
/// <param name="episodeWindow">Episodes that the mean return is taken over.</param>
public sealed class TrainingStatistics(int episodeWindow)
{
    private readonly FinishedEpisode[] window = new FinishedEpisode[episodeWindow];
    private double policy, value, entropy, gradientNorm;
    private int updates;

    /// <summary>Episodes finished so far.</summary>
    public long Episodes { get; private set; }

    /// <summary>Mean raw return of the latest episodes; NaN before the first.</summary>
    public double MeanReturn => MeanOverWindow(episode => episode.Return);

    /// <summary>Mean length of the latest episodes, env steps; NaN before the first.</summary>
    public double MeanLength => MeanOverWindow(episode => episode.Length);

    /// <summary>Counts one applied rollout.</summary>
    public void Add(in ActorCriticLosses losses, in FinishedEpisode? episode)
    {
        Add(losses);
        if (episode is { } finished)
            Add(finished);
    }

    /// <summary>Counts one update.</summary>
    public void Add(in ActorCriticLosses losses)
    {
        updates++;
        policy += losses.Policy;
        value += losses.Value;
        entropy += losses.Entropy;
        gradientNorm += losses.GradientNorm;
    }

    /// <summary>Counts one episode.</summary>
    public void Add(in FinishedEpisode episode) => window[Episodes++ % window.Length] = episode;

    /// <summary>Means over the rollouts since the last call; NaN when there were none.</summary>
    public ActorCriticLosses TakeLosses()
    {
        var means = new ActorCriticLosses(policy / updates, value / updates, entropy / updates, gradientNorm / updates);
        (policy, value, entropy, gradientNorm, updates) = (0, 0, 0, 0, 0);
        return means;
    }

    private double MeanOverWindow(Func<FinishedEpisode, double> quantity) =>
        Episodes == 0 ? double.NaN : window.Take((int)Math.Min(Episodes, window.Length)).Average(quantity);
}
