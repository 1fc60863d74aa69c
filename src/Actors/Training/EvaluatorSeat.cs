using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Evaluations;

namespace AkkaRL.Actors.Training;

/// <summary>
/// A run's evaluator, and the one evaluation that is open. One that throws, or that hangs and cannot be stopped, gives way to another. A part of
/// the supervisor's actor.
/// </summary>
/// <param name="plan">What an evaluator plays.</param>
/// <param name="context">The supervisor's.</param>
/// <param name="timers">The supervisor's.</param>
internal sealed class EvaluatorSeat(RunPlan plan, IActorContext context, Func<ITimerScheduler> timers)
{
    private IActorRef evaluator = Start(plan, context, 0);
    private int former;
    private EvaluatePolicy? open;

    /// <summary>To the supervisor: an evaluation gives no result.</summary>
    internal sealed record EvaluationLost(IActorRef Evaluator, FaultKind Kind, string Message);

    /// <summary>Has the policy evaluated; an evaluation that takes too long is lost.</summary>
    public void Evaluate(EvaluatePolicy request)
    {
        open = request;
        evaluator.Tell(request);
        var timeout = plan.Settings.Evaluation.Timeout;
        timers().StartSingleTimer(request, new EvaluationLost(
            evaluator, FaultKind.Stall, $"An evaluation took longer than akkarl.evaluation.timeout ({timeout.TotalSeconds:0.###} s) and was abandoned."), timeout);
    }

    /// <summary>Whether this evaluation was open; now it is not. An evaluator that was abandoned may still answer: too late.</summary>
    public bool Close(EvaluatePolicy request)
    {
        if (!ReferenceEquals(request, open))
            return false;
        Close();
        return true;
    }

    /// <summary>Nobody waits for the open evaluation any more, if there is one.</summary>
    public void Close()
    {
        if (open is not null)
            timers().Cancel(open);
        open = null;
    }

    /// <summary>Another evaluator takes the place of the one that lost an evaluation. Returns that, if it was open.</summary>
    public EvaluatePolicy? Replace(EvaluationLost lost)
    {
        if (!lost.Evaluator.Equals(evaluator) || open is not { } request)
            return null;
        Close();
        context.Stop(evaluator);
        evaluator = Start(plan, context, ++former);
        return request;
    }

    private static IActorRef Start(RunPlan plan, IActorContext context, int number) =>
        context.ActorOf(Props.Create(() => new Evaluator(plan)).WithDispatcher(TrainingRun.PinnedDispatcher), $"evaluator-{number}");
}
