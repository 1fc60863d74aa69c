using Akka.Actor;
using AkkaRL.Envs.Wrappers;
using static AkkaRL.Actors.Protocol.Evaluations;

namespace AkkaRL.Actors.Training;

/// <summary>Plays greedy episodes with the parameters it is sent, on envs and seeds that training never sees.</summary>
/// <remarks>
/// <para>Parent: the run supervisor, which replaces it when an evaluation takes too long. Supervises nobody.</para>
/// <para>In: <see cref="EvaluatePolicy"/>. Out, to the sender: <see cref="PolicyEvaluated"/> or <see cref="EvaluationFailed"/>.</para>
/// <para>Runs on a thread of its own. A faulting env fails that evaluation; the envs are made anew for the next.</para>
/// </remarks>
public sealed class Evaluator : ReceiveActor
{
    private PolicyEvaluation? evaluation;

    /// <summary>Made by the run supervisor.</summary>
    public Evaluator(RunPlan plan)
    {
        Receive<EvaluatePolicy>(request =>
        {
            try
            {
                evaluation ??= new PolicyEvaluation(plan, Math.Max(plan.Settings.Evaluation.Episodes, plan.Settings.Evaluation.FinalEpisodes));
                Sender.Tell(new PolicyEvaluated(request, evaluation.Play(request.Parameters, request.Episodes, plan.EvaluationRandom(request.Index))));
            }
            catch (EnvFaultException fault)
            {
                evaluation?.Dispose();
                evaluation = null;
                Sender.Tell(new EvaluationFailed(request, fault.Message));
            }
        });
    }

    /// <inheritdoc/>
    protected override void PostStop() => evaluation?.Dispose();
}
