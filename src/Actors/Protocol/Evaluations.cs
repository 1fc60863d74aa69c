using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Protocol;

/// <summary>The conversation between a learner and the evaluator, through the run supervisor. The parameters belong to the receiver, as with every loan.</summary>
public static class Evaluations
{
    /// <summary>Learner to evaluator: play this many greedy episodes.</summary>
    /// <param name="Index">Counts the evaluations of a run; each has episode seeds of its own.</param>
    /// <param name="GlobalStep">When the parameters were taken.</param>
    /// <param name="Parameters">[P].</param>
    /// <param name="Episodes">How many episodes.</param>
    public sealed record EvaluatePolicy(int Index, long GlobalStep, float[] Parameters, int Episodes);

    /// <summary>Evaluator to learner: the result, and the parameters back.</summary>
    public sealed record PolicyEvaluated(EvaluatePolicy Request, EvaluationResult Result);

    /// <summary>Run supervisor to learner: no result; the evaluator threw or took too long. Somebody may still read the parameters.</summary>
    public sealed record EvaluationFailed(EvaluatePolicy Request, string Reason);
}
