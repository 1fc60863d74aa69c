using Akka.Actor;
using AkkaRL.Actors.Persistence;

namespace AkkaRL.Actors.Training;

/// <summary>What a run supervisor needs to know of a training shape: how to make its learner and workers, where the outcome stands, and how to go on from a snapshot.</summary>
/// <remarks>
/// <para>The outcome may be read when the learner has stopped, or has said that training ended and changes nothing any more.</para>
/// <para>To be crash-proof a shape makes <see cref="Snapshots"/> and implements <see cref="Restore"/>; its learner sends
/// <see cref="Protocol.Snapshots.StateCaptured"/> when a snapshot is due, and refuses what is not of the current <see cref="Incarnation"/>.</para>
/// </remarks>
public abstract class TrainingShape
{
    /// <summary>Starts the learner, named <c>learner</c>, and what else the shape has beside workers, as children of the run; made anew when it has thrown.</summary>
    public abstract IActorRef StartLearner(IActorRefFactory run);

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

    /// <summary>When its learner captures its state; null when this shape cannot, and a learner that throws ends the run.</summary>
    public virtual LearnerSnapshots? Snapshots => null;

    /// <summary>Which life of the learner this is, counted over all processes of the run.</summary>
    public virtual long Incarnation { get; set; }

    /// <summary>Factor on the learning rate, below 1 after the divergence guard rolled the run back.</summary>
    public virtual double LearningRateFactor { get; set; } = 1;

    /// <summary>Goes back, or on, to a state that the learner captured; to the start without one. The learner does not run meanwhile.</summary>
    /// <exception cref="InvalidSnapshotException">It is of another network, optimizer or shape.</exception>
    public virtual void Restore(RunState? state) => throw new NotSupportedException();

    /// <summary>The first life of a worker that a new pool begins.</summary>
    public virtual int FirstLife(int worker) => 0;
}
