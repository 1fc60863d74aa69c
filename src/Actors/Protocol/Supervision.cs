namespace AkkaRL.Actors.Protocol;

/// <summary>What the actors of a run tell its supervisor, and it tells them.</summary>
public static class Supervision
{
    /// <summary>Pool to supervisor: a worker failed or stalled, and will be replaced.</summary>
    /// <param name="Worker">Its number.</param>
    /// <param name="Kind">Which fault.</param>
    /// <param name="Message">What happened.</param>
    public sealed record WorkerFaulted(int Worker, FaultKind Kind, string Message);

    /// <summary>Learner to supervisor: a gradient was refused.</summary>
    public sealed record GradientRefused(int Worker, long GlobalStep, FaultKind Kind);

    /// <summary>Learner to supervisor: training is over. The learner grants no more rollouts and changes nothing any more.</summary>
    /// <param name="Reason">One of <see cref="StopReasons"/>.</param>
    /// <param name="Detail">For a failed run, what happened.</param>
    /// <param name="WallSeconds">Seconds that training took.</param>
    public sealed record TrainingEnded(string Reason, string? Detail, double WallSeconds);

    /// <summary>To supervisor and learner: end the run now, for this reason.</summary>
    public sealed record EndTraining(string Reason, string? Detail = null);

    /// <summary>Pool to worker: are you there? Answered between two rollouts.</summary>
    public sealed record Ping;

    /// <summary>Worker to pool: yes.</summary>
    public sealed record Pong(int Worker, int Life);
}

/// <summary>Why a run ended, in the words of summary.json.</summary>
public static class StopReasons
{
    /// <summary>Every env step of the run was applied.</summary>
    public const string Completed = "completed";

    /// <summary>Three evaluations in a row were over the env's mark.</summary>
    public const string Solved = "solved";

    /// <summary>The user stopped it.</summary>
    public const string Stopped = "stopped";

    /// <summary>It gave up; the summary's detail says why.</summary>
    public const string Failed = "failed";
}

/// <summary>What can go wrong in a run and be survived.</summary>
public enum FaultKind
{
    /// <summary>An env threw, or returned something that is not an observation or a reward.</summary>
    Environment,

    /// <summary>A worker threw for another reason.</summary>
    Worker,

    /// <summary>A gradient was not finite.</summary>
    NonFiniteGradient,

    /// <summary>A worker did not answer in time.</summary>
    Stall,

    /// <summary>A gradient was older than the policy-lag setting allows; does not count against the fault budget.</summary>
    PolicyLag,

    /// <summary>The learner threw.</summary>
    Learner,

    /// <summary>Learning blew up: parameters that are not finite, or no gradient that is.</summary>
    Divergence,

    /// <summary>A gradient was of a former life of the learner; does not count against the fault budget.</summary>
    StaleGradient,

    /// <summary>A snapshot could not be stored, or not be read; does not count against the fault budget.</summary>
    Storage,

    /// <summary>A node of the cluster was lost, with the rollouts that were open on it; does not count against the fault budget.</summary>
    Node,
}
