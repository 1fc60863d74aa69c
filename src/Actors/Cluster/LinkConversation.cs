using Akka.Actor;

namespace AkkaRL.Actors.Cluster;

/// <summary>What a link knows of itself.</summary>
/// <param name="Self">The link: the holder of loans.</param>
/// <param name="Learner">The learner beside it.</param>
/// <param name="Send">Sends to the node.</param>
/// <param name="Incarnation">The learner's life.</param>
/// <param name="Offer">The most workers that the node runs.</param>
/// <param name="Slot">The node's place among the run's nodes, 0 to workers − 1, which nobody else has.</param>
/// <param name="Life">Counts who has had that place, from the first life of the run's workers.</param>
/// <param name="Settings">How links go.</param>
internal sealed record LinkContext(IActorRef Self, IActorRef Learner, Action<object> Send, long Incarnation, int Offer, int Slot, int Life, LinkSettings Settings);

/// <summary>
/// The part of a link that depends on the training shape: to the learner it is the node's workers, in the very protocol of the shape; to
/// the node it is the learner. Runs in the link's turns.
/// </summary>
internal abstract class LinkConversation
{
    /// <summary>Env steps that the node has made.</summary>
    public long Steps { get; protected set; }

    /// <summary>Policy lag of what it sent: the sum, in updates.</summary>
    public double Lag { get; protected set; }

    /// <summary>And of how many it is the sum.</summary>
    public long Lags { get; protected set; }

    /// <summary>So many nodes work for the run now.</summary>
    public virtual void Share(int nodes) { }

    /// <summary>The node has its first worker.</summary>
    public virtual void Begin() { }

    /// <summary>The learner, or what belongs to it, told the link something; returns whether it was understood.</summary>
    public abstract bool TakeFromLearner(object message);

    /// <summary>The node told it something; returns whether it was understood.</summary>
    /// <exception cref="Wire.LinkBrokenException">It does not fit what was asked for.</exception>
    public abstract bool TakeFromNode(object message);

    /// <summary>The node is gone.</summary>
    public virtual void Close() { }
}
