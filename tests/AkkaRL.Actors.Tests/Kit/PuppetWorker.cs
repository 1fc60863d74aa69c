using Akka.Actor;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>A worker that does what it is told and tells its director of its life and of the pings it gets; the director answers them, or not.</summary>
internal sealed class PuppetWorker : ReceiveActor
{
    private readonly Exception? startFailure;

    public sealed record Started(int Worker, int Life, IActorRef Ref);

    public sealed record Pinged(int Worker, int Life);

    public sealed record Throw(Exception Cause);

    public PuppetWorker(int worker, int life, IActorRef director, Exception? constructorFailure, Exception? startFailure)
    {
        this.startFailure = startFailure;
        director.Tell(new Started(worker, life, Self));
        if (constructorFailure is not null)
            throw constructorFailure;
        Receive<Throw>(order => throw order.Cause);
        Receive<Ping>(_ => director.Tell(new Pinged(worker, life)));
    }

    protected override void PreStart()
    {
        if (startFailure is not null)
            throw startFailure;
    }
}
