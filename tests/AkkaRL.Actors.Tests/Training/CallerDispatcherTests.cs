using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Tests.Kit;

namespace AkkaRL.Actors.Tests.Training;

public class CallerDispatcherTests() : TestKit(KitConfig.RunDispatchers)
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromSeconds(60);

    /// <summary>Calls back for every message.</summary>
    private sealed class Listener : UntypedActor
    {
        private readonly Action<object, IActorRef> heard;

        public Listener(Action<object, IActorRef> heard) => this.heard = heard;

        protected override void OnReceive(object message) => heard(message, Self);
    }

    private IActorRef Start(Action<object, IActorRef> heard)
    {
        var actor = Sys.ActorOf(Props.Create(() => new Listener(heard)).WithDispatcher("akka.actor.caller-dispatcher"));
        actor.Tell(new Identify(null), TestActor); // its start is over
        ExpectMsg<ActorIdentity>();
        return actor;
    }

    [Fact]
    public void An_idle_actor_has_handled_a_message_when_tell_returns_on_the_senders_thread()
    {
        var thread = 0;
        var actor = Start((_, _) => thread = Environment.CurrentManagedThreadId);
        AwaitCondition(() => Told(actor, ref thread), HangGuard); // the first one may still find it busy with the test's question

        static bool Told(IActorRef actor, ref int thread)
        {
            thread = 0;
            actor.Tell("message");
            return thread == Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public async Task A_busy_actor_is_left_to_the_thread_that_runs_it_and_keeps_the_order()
    {
        using var entered = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        var heard = new List<int>();
        var (inside, together) = (0, 0);
        var actor = Start((message, _) =>
        {
            together = Math.Max(together, Interlocked.Increment(ref inside));
            if (message is 0)
            {
                entered.Set();
                released.Wait(HangGuard);
            }
            heard.Add((int)message);
            Interlocked.Decrement(ref inside);
        });
        var busy = Task.Run(() => actor.Tell(0));
        Assert.True(entered.Wait(HangGuard));
        for (var i = 1; i <= 100; i++)
            actor.Tell(i); // would wait for the release, were it run here
        Assert.Empty(heard);
        released.Set();
        await busy.WaitAsync(HangGuard);
        actor.Tell(PoisonPill.Instance);
        Watch(actor);
        ExpectTerminated(actor);
        Assert.Equal(Enumerable.Range(0, 101), heard);
        Assert.Equal(1, together);
    }

    [Fact]
    public void An_actor_that_never_runs_out_of_messages_keeps_neither_its_sender_nor_its_senders_stack()
    {
        long turns = 0;
        var stopped = false;
        var actor = Start((_, self) =>
        {
            Interlocked.Increment(ref turns);
            if (!Volatile.Read(ref stopped))
                self.Tell("again");
        });
        actor.Tell("begin"); // returns, though there is always one more
        AwaitCondition(() => Interlocked.Read(ref turns) > 300_000, HangGuard);
        Volatile.Write(ref stopped, true);
    }

    [Fact]
    public void An_actor_that_throws_does_not_throw_at_its_sender_and_is_restarted_by_its_parent()
    {
        var actor = Start((message, self) => _ = message is "throw" ? throw new InvalidOperationException("on purpose") : 0);
        actor.Tell("throw");
        actor.Tell(new Identify("afterwards"), TestActor);
        Assert.Equal("afterwards", ExpectMsg<ActorIdentity>().MessageId);
    }
}
