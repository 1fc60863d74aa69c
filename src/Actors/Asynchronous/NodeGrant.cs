using AkkaRL.Actors.Protocol;
using AkkaRL.Models.Algorithms;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>Env steps that a node was granted, and what its workers report of them. Pure.</summary>
internal sealed class NodeGrant
{
    private readonly List<FinishedEpisode> episodes = [];
    private ActorCriticLosses losses;
    private int gradients;
    private int made;

    /// <summary>A grant as it came.</summary>
    public NodeGrant(GradientsGranted granted) => (Granted, Remaining) = (granted, granted.Steps);

    /// <summary>As it came.</summary>
    public GradientsGranted Granted { get; }

    /// <summary>Env steps that no worker has been given.</summary>
    public int Remaining { get; private set; }

    /// <summary>Rollouts that workers are on.</summary>
    public int Out { get; private set; }

    /// <summary>Whether it is sent.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Whether there is anything to send.</summary>
    public bool HasGradients => gradients > 0;

    /// <summary>Gives a worker at most so many steps.</summary>
    public int Take(int wanted)
    {
        var steps = Math.Min(wanted, Remaining);
        Remaining -= steps;
        Out++;
        return steps;
    }

    /// <summary>A rollout was lost or refused: its steps are there again.</summary>
    public void Return(int steps)
    {
        Remaining += steps;
        Out--;
    }

    /// <summary>Notes a worker's rollout; what it did not use of its steps is there again.</summary>
    public void Add(GradientLoan loan, int given)
    {
        var (added, to) = (loan.Losses, losses);
        losses = new(to.Policy + added.Policy, to.Value + added.Value, to.Entropy + added.Entropy, to.GradientNorm + added.GradientNorm);
        if (loan.Episode is { } episode)
            episodes.Add(episode);
        gradients++;
        made += loan.Steps;
        Return(given - loan.Steps);
    }

    /// <summary>The message, with the means, and with what has changed; the grant is of no more use.</summary>
    public UpdatesMade Combine(SentChange sent)
    {
        IsSent = true;
        var means = new ActorCriticLosses(losses.Policy / gradients, losses.Value / gradients, losses.Entropy / gradients, losses.GradientNorm / gradients);
        return new UpdatesMade(Granted.Stream, sent.Version, sent.Updates, sent.Lag, made, means, episodes, sent.Change, sent.Moments, Granted.Precision);
    }
}
