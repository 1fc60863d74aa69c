using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Targets;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>The target network that all workers of the asynchronous shape share: keeps its parameters and hands them out.</summary>
/// <remarks>
/// <para>Parent: the run supervisor, which makes it anew when it throws and has the parameter server begin another life; that watches it and fails when it stops. Supervises nobody.</para>
/// <para>In: <see cref="MoveTarget"/> from the parameter server, <see cref="FetchTarget"/> from workers. Out: <see cref="TargetFetched"/>.</para>
/// <para>
/// In deterministic mode a worker is to have the very version that its grant named, although the target may have moved since: at most once
/// for each of the other workers, who all have one turn before this one's next. So it keeps as many versions as there are workers.
/// </para>
/// <para>On restart it has forgotten them all, and answers nobody before the parameter server's next life tells it what to go on from.</para>
/// </remarks>
public sealed class SharedTarget : ReceiveActor
{
    private readonly Queue<TargetParameters> kept = [];
    private long incarnation = -1;
    private TargetParameters? newest;

    /// <summary>Made by the asynchronous shape.</summary>
    /// <param name="workers">How many workers share it.</param>
    public SharedTarget(int workers)
    {
        Receive<MoveTarget>(message =>
        {
            if (message.Incarnation != incarnation)
                kept.Clear();
            (incarnation, newest) = (message.Incarnation, message.Target);
            kept.Enqueue(newest);
            if (kept.Count > workers)
                kept.Dequeue();
        });
        Receive<FetchTarget>(message =>
        {
            // What a grant of a former life asks for is not answered: the worker attaches anew.
            if (message.Incarnation == incarnation)
                Sender.Tell(new TargetFetched(message.Incarnation, message.Version, kept.FirstOrDefault(target => target.Version == message.Version) ?? newest!));
        });
    }
}
