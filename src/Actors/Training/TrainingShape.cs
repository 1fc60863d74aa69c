using Akka.Actor;

namespace AkkaRL.Actors.Training;

/// <summary>What a run supervisor needs to know of a training shape: how to make its learner and workers, and where the outcome stands.</summary>
/// <remarks>The outcome may be read when the learner has stopped, or has said that training ended and changes nothing any more.</remarks>
public abstract class TrainingShape
{
    /// <summary>Starts the learner, named <c>learner</c>, and what else the shape has beside workers, as children of the run.</summary>
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
}
