using Akka.Actor;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;

namespace AkkaRL.Actors.Training;

/// <summary>What a run supervisor needs to know of a training shape: how to make its learner and workers, where the outcome stands, and how to go on from a snapshot.</summary>
/// <remarks>
/// <para>The outcome may be read when the learner has stopped, or has said that training ended and changes nothing any more.</para>
/// <para>To be crash-proof a shape implements <see cref="Restore"/>; its learner sends <see cref="Protocol.Snapshots.StateCaptured"/> when
/// <see cref="Snapshots"/> say that one is due, and refuses what is not of the current <see cref="Incarnation"/>. A shape whose workers take
/// turns leaves the conversation to <see cref="RoundSnapshots"/>.</para>
/// </remarks>
public abstract class TrainingShape
{
    /// <summary>Starts the learner, named <c>learner</c>, and what else the shape has beside workers, as children of the run; made anew when it has thrown.</summary>
    public abstract IActorRef StartLearner(IActorRefFactory run);

    /// <summary>
    /// The actors beside the learner that hold some of what it knows. One that throws is made anew, and its learner told, which begins another
    /// life from the last snapshot.
    /// </summary>
    public virtual IReadOnlyList<IActorRef> Parts => [];

    /// <summary>The parameters of the policy's network [P].</summary>
    public abstract ReadOnlySpan<float> Parameters { get; }

    /// <summary>Env steps applied.</summary>
    public abstract long GlobalStep { get; }

    /// <summary>Updates applied.</summary>
    public abstract long Updates { get; }

    /// <summary>Policy lag of the applied gradients.</summary>
    public abstract PolicyLagRange PolicyLag { get; }

    /// <summary>Props of a worker by its number and its life, for this learner.</summary>
    public abstract Func<int, int, Props> WorkerOf(IActorRef learner);

    /// <summary>When its learner captures its state, and what its next life goes on from.</summary>
    public abstract LearnerSnapshots Snapshots { get; }

    /// <summary>Which life of the learner this is, counted over all processes of the run.</summary>
    public virtual long Incarnation
    {
        get => Snapshots.Incarnation;
        set => Snapshots.Incarnation = value;
    }

    /// <summary>Factor on the learning rate, below 1 after the divergence guard rolled the run back.</summary>
    public virtual double LearningRateFactor
    {
        get => Snapshots.LearningRateFactor;
        set => Snapshots.LearningRateFactor = value;
    }

    /// <summary>Goes back, or on, to a state that the learner captured; to the start without one. The learner does not run meanwhile.</summary>
    /// <exception cref="InvalidSnapshotException">It is of another network, optimizer or shape.</exception>
    public abstract void Restore(RunState? state);

    /// <summary>Whether a run waits until every worker is somewhere, as it does where they take turns.</summary>
    internal virtual bool NeedsEveryWorker => true;

    /// <summary>Beside the learner of a cluster: what stands in for a node's workers, and talks to the node.</summary>
    internal abstract LinkConversation LinkOf(LinkContext context);

    /// <summary>On a node of a cluster: starts what stands in for the learner, and talks to it through the agent. The node's workers are those of <see cref="WorkerOf"/>.</summary>
    internal abstract IActorRef StartStandIn(IActorRefFactory node, IActorRef agent);
}
