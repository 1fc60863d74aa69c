using Akka.Actor;
using static AkkaRL.Actors.Protocol.Evaluations;

namespace AkkaRL.Actors.Training;

/// <summary>Plays greedy episodes with the parameters it is sent, on envs and seeds that training never sees.</summary>
/// <remarks>
/// <para>Parent: the run supervisor, which replaces it when it throws or takes too long; that evaluation has failed then. Supervises nobody.</para>
/// <para>In: <see cref="EvaluatePolicy"/>. Out, to the sender: <see cref="PolicyEvaluated"/>.</para>
/// <para>Runs on a thread of its own.</para>
/// </remarks>
public sealed class Evaluator : ReceiveActor
{
    private PolicyEvaluation? evaluation;

    /// <summary>Made by the run supervisor.</summary>
    public Evaluator(RunPlan plan)
    {
        Receive<EvaluatePolicy>(request =>
        {
            evaluation ??= new PolicyEvaluation(plan, Math.Max(plan.Settings.Evaluation.Episodes, plan.Settings.Evaluation.FinalEpisodes));
            Sender.Tell(new PolicyEvaluated(request, evaluation.Play(request.Parameters, request.Episodes, plan.EvaluationRandom(request.Index))));
        });
    }

    /// <inheritdoc/>
    protected override void PostStop() => evaluation?.Dispose();
}
