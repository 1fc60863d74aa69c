using AkkaRL.Actors.Persistence;
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

    /// <summary>Writes what <see cref="Restore"/> reads.</summary>
    public void Capture(RunState state)
    {
        state.Write("episodes", Episodes);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var loss in (ReadOnlySpan<double>)[policy, value, entropy, gradientNorm, updates])
            writer.Write(loss);
        // The newest last, so that a window of another size takes what it has room for.
        for (var i = Math.Max(0, Episodes - window.Length); i < Episodes; i++)
        {
            writer.Write(window[i % window.Length].Return);
            writer.Write(window[i % window.Length].Length);
        }
        state.Write("statistics", bytes.ToArray());
    }

    /// <summary>Goes on from a snapshot; from nothing without one.</summary>
    public void Restore(RunState? state)
    {
        TakeLosses();
        Episodes = state?.Whole("episodes") ?? 0;
        if (state is null)
            return;
        var bytes = state.Data("statistics");
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()));
        (policy, value, entropy, gradientNorm, updates) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), (int)reader.ReadDouble());
        for (var i = Episodes - (bytes.Length - 5 * sizeof(double)) / (sizeof(double) + sizeof(int)); i < Episodes; i++)
            window[i % window.Length] = new FinishedEpisode(reader.ReadDouble(), reader.ReadInt32());
    }

    private double MeanOverWindow(Func<FinishedEpisode, double> quantity) =>
        Episodes == 0 ? double.NaN : window.Take((int)Math.Min(Episodes, window.Length)).Average(quantity);
}
