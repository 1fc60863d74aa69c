using Akka.Actor;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Protocol;

/// <summary>
/// The conversation of the asynchronous shape: a worker and the parameter server pass one <see cref="GradientLoan"/> to and fro,
/// parameters on the way out, a gradient on the way back. One message a rollout each way, and no allocation: both reuse their message.
/// </summary>
public static class Gradients
{
    /// <summary>Worker to server: a worker's life begins; whatever its former life had been granted is void.</summary>
    /// <param name="Loan">Its loan.</param>
    /// <param name="Resumes">Whether it goes on from a snapshot, and what it had been granted then still stands.</param>
    /// <param name="CarriesGradient">Whether the loan held a gradient then, which is still to be applied.</param>
    public sealed record AttachWorker(GradientLoan Loan, bool Resumes = false, bool CarriesGradient = false);

    /// <summary>
    /// A node's link to server: whoever held this loan is gone, and nobody takes its place for now; what it had been granted is granted to others.
    /// </summary>
    public sealed record DetachWorker(GradientLoan Loan);

    /// <summary>Server to worker: the loan holds parameters; make a rollout of at most <see cref="GradientLoan.Steps"/> steps.</summary>
    public sealed record RolloutGranted(GradientLoan Loan);

    /// <summary>Worker to server: the loan holds the gradient of <see cref="GradientLoan.Steps"/> steps.</summary>
    public sealed record ApplyGradient(GradientLoan Loan);
}

/// <summary>
/// A buffer and its label that belong to whoever received them last: nobody else reads or writes them. Lent, so that neither side
/// allocates or locks.
/// </summary>
/// <param name="worker">Whose loan it is.</param>
/// <param name="life">Which life of that worker; a former life's gradient is refused.</param>
/// <param name="holder">The worker itself.</param>
/// <param name="parameterCount">P.</param>
public sealed class GradientLoan(int worker, int life, IActorRef holder, int parameterCount)
{
    /// <summary>The worker's number.</summary>
    public int Worker { get; } = worker;

    /// <summary>Counts the worker's restarts.</summary>
    public int Life { get; } = life;

    /// <summary>Which life of the learner it is for; what is not of the current one is refused.</summary>
    public long Incarnation { get; set; }

    /// <summary>Where the loan goes back to.</summary>
    public IActorRef Holder { get; } = holder;

    /// <summary>Parameters on the way out, the gradient on the way back [P].</summary>
    public float[] Vector { get; } = new float[parameterCount];

    /// <summary>Version of the parameters lent; on the way back, the version that the gradient was computed at.</summary>
    public long Version { get; set; }

    /// <summary>The version of the target network that the rollout is to be made with; 0 for an algorithm without.</summary>
    public long TargetVersion { get; set; }

    /// <summary>Global step at which the rollout was granted.</summary>
    public long GlobalStep { get; set; }

    /// <summary>Env steps granted; on the way back, env steps made.</summary>
    public int Steps { get; set; }

    /// <summary>The most env steps that its holder has use for at once; 0 for a rollout's. A node asks for those of many.</summary>
    public int StepsWanted { get; set; }

    /// <summary>On the way out to a node: the learning rate of the updates that it makes.</summary>
    public float LearningRate { get; set; }

    /// <summary>On the way back from a node, which makes updates itself: how many of them the vector is the sum of. Null where the vector is a gradient.</summary>
    public int? Updates { get; set; }

    /// <summary>On the way back from a node: the mean policy lag of these updates among themselves.</summary>
    public long LagThere { get; set; }

    /// <summary>Whether its holder makes updates itself, and lacks the optimizer's moments; fulfilled with the next grant.</summary>
    public bool WantsMoments { get; set; }

    /// <summary>The optimizer's moments: on the way out where they are wanted, on the way back now and then. Mostly empty.</summary>
    public ReadOnlyMemory<float> Moments { get; set; }

    /// <summary>On the way back: the rollout's losses.</summary>
    public ActorCriticLosses Losses { get; set; }

    /// <summary>On the way back: the episode that ended with this rollout, if one did.</summary>
    public FinishedEpisode? Episode { get; set; }

    /// <summary>On the way back from a node: the episodes that ended.</summary>
    public IReadOnlyList<FinishedEpisode> Episodes { get; set; } = [];
}

/// <summary>An episode of training, as the env rewarded it.</summary>
/// <param name="Return">Undiscounted sum of raw rewards.</param>
/// <param name="Length">Env steps.</param>
public readonly record struct FinishedEpisode(double Return, int Length);
