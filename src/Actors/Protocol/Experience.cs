using Akka.Actor;
using AkkaRL.Models.Replay;

namespace AkkaRL.Actors.Protocol;

/// <summary>
/// The conversations of the replay shape. Everything is lent and belongs to its receiver: an <see cref="ExperienceLoan"/> goes from the
/// learner to a worker, back, to the replay and home; a <see cref="Minibatch"/> from the learner to the replay, back, to the target network and home.
/// No message an env step, and no allocation.
/// </summary>
public static class Experience
{
    /// <summary>Worker to learner: a worker's life begins, or goes on from a snapshot; what its former life had been granted is granted anew.</summary>
    public sealed record AttachWorker(ExperienceLoan Loan);

    /// <summary>Learner to worker: the loan holds the policy's parameters; make <see cref="ExperienceLoan.Steps"/> env steps.</summary>
    public sealed record StepsGranted(ExperienceLoan Loan);

    /// <summary>Worker to learner: the steps are made; the loan holds their transitions and the episodes that ended.</summary>
    public sealed record StepsMade(ExperienceLoan Loan);

    /// <summary>Learner to replay: remember the loan's transitions.</summary>
    public sealed record StoreTransitions(ExperienceLoan Loan);

    /// <summary>Replay to learner: done; the loan is free.</summary>
    public sealed record TransitionsStored(ExperienceLoan Loan);

    /// <summary>Learner to replay: fill the minibatch.</summary>
    /// <param name="Minibatch">The loan.</param>
    /// <param name="ImportanceExponent">β of a prioritized replay.</param>
    public sealed record SampleMinibatch(Minibatch Minibatch, double ImportanceExponent);

    /// <summary>Replay to learner: it is full.</summary>
    public sealed record MinibatchSampled(Minibatch Minibatch);

    /// <summary>Learner to a prioritized replay: take over the errors. Not answered: the learner lends the minibatch to nobody but the replay next.</summary>
    public sealed record Prioritize(Minibatch Minibatch);

    /// <summary>Learner to target network: move towards these parameters [P].</summary>
    public sealed record TrackParameters(float[] Parameters);

    /// <summary>Target network to learner: done; the vector is free.</summary>
    public sealed record ParametersTracked(float[] Parameters);

    /// <summary>Learner to target network: judge the minibatch's next observations.</summary>
    public sealed record EvaluateTargets(Minibatch Minibatch);

    /// <summary>Target network to learner: judged.</summary>
    public sealed record TargetsEvaluated(Minibatch Minibatch);
}

/// <summary>A worker's share of one round: parameters on the way out, transitions on the way back.</summary>
public sealed class ExperienceLoan
{
    /// <summary>Made by the worker.</summary>
    /// <param name="worker">Whose loan it is.</param>
    /// <param name="life">Which life of that worker; a former life's transitions are refused.</param>
    /// <param name="holder">The worker itself.</param>
    /// <param name="parameterCount">P of the policy.</param>
    /// <param name="transitions">Room for a round's transitions.</param>
    /// <param name="steps">Most env steps of a round.</param>
    public ExperienceLoan(int worker, int life, IActorRef holder, int parameterCount, TransitionBatch transitions, int steps)
    {
        (Worker, Life, Holder, Transitions) = (worker, life, holder, transitions);
        Parameters = new float[parameterCount];
        Episodes = new List<FinishedEpisode>(steps);
        (Granted, Made, Store, Stored) = (new(this), new(this), new(this), new(this));
    }

    /// <summary>The worker's number.</summary>
    public int Worker { get; }

    /// <summary>Counts the worker's restarts.</summary>
    public int Life { get; }

    /// <summary>Which life of the learner it is for; what is not of the current one is refused.</summary>
    public long Incarnation { get; init; } = 1;

    /// <summary>The worker itself.</summary>
    public IActorRef Holder { get; }

    /// <summary>The policy's parameters [P].</summary>
    public float[] Parameters { get; }

    /// <summary>The global step that the round begins at.</summary>
    public long FirstStep { get; set; }

    /// <summary>Env steps granted, all of which are made.</summary>
    public int Steps { get; set; }

    /// <summary>What the steps completed.</summary>
    public TransitionBatch Transitions { get; }

    /// <summary>Episodes that ended.</summary>
    public List<FinishedEpisode> Episodes { get; }

    /// <summary>The messages that carry it, made once.</summary>
    public Experience.StepsGranted Granted { get; }

    /// <inheritdoc cref="Granted"/>
    public Experience.StepsMade Made { get; }

    /// <inheritdoc cref="Granted"/>
    public Experience.StoreTransitions Store { get; }

    /// <inheritdoc cref="Granted"/>
    public Experience.TransitionsStored Stored { get; }
}
