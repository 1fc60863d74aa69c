using Akka.Actor;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Actors.Protocol;

/// <summary>
/// The conversation of the synchronous shape: a worker and the learner pass one <see cref="RolloutLoan"/> to and fro, parameters on the
/// way out, a rollout on the way back. One message a rollout each way, and no allocation: both reuse their message.
/// </summary>
public static class Rollouts
{
    /// <summary>Worker to learner: a worker's life begins, or goes on from a snapshot; whatever its former life was asked for is asked of this one.</summary>
    public sealed record AttachRolloutWorker(RolloutLoan Loan);

    /// <summary>Learner to worker: the loan holds parameters; make the steps of <see cref="Rollout.Steps"/>.</summary>
    public sealed record CollectRollout(RolloutLoan Loan);

    /// <summary>Worker to learner: the loan holds the rollout.</summary>
    public sealed record RolloutCollected(RolloutLoan Loan);
}

/// <summary>Buffers and their label that belong to whoever received them last, as with <see cref="GradientLoan"/>.</summary>
/// <param name="worker">Whose loan it is.</param>
/// <param name="life">Which life of that worker; a former life's rollout is refused.</param>
/// <param name="holder">The worker itself.</param>
/// <param name="parameterCount">P.</param>
/// <param name="rollout">What the worker records into.</param>
public sealed class RolloutLoan(int worker, int life, IActorRef holder, int parameterCount, Rollout rollout)
{
    /// <summary>The worker's number.</summary>
    public int Worker { get; } = worker;

    /// <summary>Counts the worker's restarts.</summary>
    public int Life { get; } = life;

    /// <summary>Which life of the learner it is for; what is not of the current one is refused.</summary>
    public long Incarnation { get; init; } = 1;

    /// <summary>Where the loan goes back to.</summary>
    public IActorRef Holder { get; } = holder;

    /// <summary>The parameters to act with, which take observations as the env returns them [P].</summary>
    public float[] Parameters { get; } = new float[parameterCount];

    /// <summary>Version of these: updates that had been applied.</summary>
    public long Version { get; set; }

    /// <summary>Steps wanted on the way out, the steps made on the way back.</summary>
    public Rollout Rollout { get; } = rollout;

    /// <summary>On the way back: the episodes that ended, in the order they did.</summary>
    public List<FinishedEpisode> Episodes { get; } = [];
}
