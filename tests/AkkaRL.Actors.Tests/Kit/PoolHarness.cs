using Akka.Actor;
using Akka.TestKit;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>A worker pool between probes, with puppets for workers, in a system of <see cref="KitConfig.TestScheduler"/>.</summary>
internal sealed class PoolHarness
{
    private readonly TestKitBase kit;
    private readonly TestProbe fence;
    private readonly TestProbe director;
    private readonly TestProbe parent;
    private readonly IActorRef pool;

    /// <param name="kit">The test.</param>
    /// <param name="workers">How many.</param>
    /// <param name="settings">Back-off and stall timeout.</param>
    /// <param name="constructorFailure">What the constructor of every worker throws.</param>
    /// <param name="startFailure">What PreStart of every worker throws.</param>
    public PoolHarness(TestKitBase kit, int workers, FaultSettings settings, Exception? constructorFailure = null, Exception? startFailure = null)
    {
        this.kit = kit;
        (fence, director, parent) = (kit.CreateTestProbe(), kit.CreateTestProbe(), kit.CreateTestProbe());
        var directorRef = (IActorRef)director;
        Func<int, int, Props> makeWorker = (worker, life) =>
            Props.Create(() => new PuppetWorker(worker, life, directorRef, constructorFailure, startFailure));
        var time = new SchedulerTime(Scheduler);
        pool = parent.ChildActorOf(Props.Create(() => new WorkerPool(workers, makeWorker, settings, time)));
    }

    private TestScheduler Scheduler => (TestScheduler)kit.Sys.Scheduler;

    public PuppetWorker.Started ExpectAnyStart() => director.ExpectMsg<PuppetWorker.Started>();

    public PuppetWorker.Started ExpectStart(int worker, int life)
    {
        var started = ExpectAnyStart();
        Assert.Equal((worker, life), (started.Worker, started.Life));
        return started;
    }

    public void ExpectPing(int worker, int life) => Assert.Equal(new PuppetWorker.Pinged(worker, life), director.ExpectMsg<PuppetWorker.Pinged>());

    public void Pong(int worker, int life) => pool.Tell(new Pong(worker, life));

    public WorkerFaulted ExpectFault(int worker, FaultKind kind)
    {
        var fault = parent.ExpectMsg<WorkerFaulted>();
        Assert.Equal((worker, kind), (fault.Worker, fault.Kind));
        return fault;
    }

    public void ParentHearsNothing()
    {
        Settle();
        Assert.False(parent.HasMessages);
    }

    /// <summary>Time passes, after the pool has handled all it was sent, and the pool handles what that brings.</summary>
    public void Advance(double seconds)
    {
        Settle();
        Scheduler.Advance(TimeSpan.FromSeconds(seconds));
        Settle();
    }

    /// <summary>Whether a life of a worker has begun.</summary>
    public bool HasBegun(int worker, int life)
    {
        Settle();
        kit.Sys.ActorSelection(pool.Path / $"worker-{worker}-{life}").Tell(new Identify(null), fence);
        return fence.ExpectMsg<ActorIdentity>().Subject is not null;
    }

    private void Settle()
    {
        pool.Tell(new Identify(null), fence);
        fence.ExpectMsg<ActorIdentity>();
    }

    private sealed class SchedulerTime(TestScheduler scheduler) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => scheduler.Now.UtcTicks;
    }
}
