using Akka.Actor;
using Akka.Actor.Internal;

namespace AkkaRL.Actors.Training;

/// <summary>A supervision strategy that says which child threw and why, and then restarts it when it is told to, or else stops it.</summary>
/// <param name="report">Called in the parent's turn, while the child is suspended; returns whether to restart it.</param>
internal sealed class StopAndReport(Func<IActorRef, Exception, bool> report) : OneForOneStrategy(_ => Directive.Stop, loggingEnabled: false)
{
    /// <inheritdoc/>
    public override void ProcessFailure(
        IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        base.ProcessFailure(context, report(child, cause), child, cause, stats, children);
    }
}
