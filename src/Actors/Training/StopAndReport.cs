using Akka.Actor;
using Akka.Actor.Internal;

namespace AkkaRL.Actors.Training;

/// <summary>A supervision strategy that stops a child that threw and says which one it was and why.</summary>
/// <param name="report">Called in the parent's turn.</param>
internal sealed class StopAndReport(Action<IActorRef, Exception> report) : OneForOneStrategy(_ => Directive.Stop, loggingEnabled: false)
{
    /// <inheritdoc/>
    public override void ProcessFailure(
        IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        report(child, cause);
        base.ProcessFailure(context, restart, child, cause, stats, children);
    }
}
