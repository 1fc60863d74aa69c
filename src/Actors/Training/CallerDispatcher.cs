using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace AkkaRL.Actors.Training;

/// <summary>
/// Runs an idle actor on the thread of whoever sends to it, and one that is busy on the thread that it is busy on: the mailbox
/// serializes, as ever, but nobody has to be woken. For an actor whose handlers are shorter than a wake-up, such as the
/// parameter server: a worker's gradient is applied, and the worker granted its next rollout, without leaving the worker's thread.
/// </summary>
/// <remarks>
/// <para>
/// A sender that finds the actor busy waits a moment for it, on its own processor, before it leaves its message behind: the turn at hand
/// is over in less time than a sender that goes to sleep takes to wake, and on the sender's core is what it sends. It does not wait for long,
/// for the busy thread may have been put aside.
/// </para>
/// <para>An actor that is still busy after a turn (Akka's throughput, 30 messages) goes on in the thread pool, so that no sender serves others for long.</para>
/// </remarks>
internal sealed class CallerDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator)
{
    /// <summary>Whether this thread runs an actor of this dispatcher already: a property of threads, not shared.</summary>
    [ThreadStatic]
    private static bool isRunning;

    /// <summary>How many times a sender looks whether the actor is idle; some microseconds in all.</summary>
    private const int Looks = 400;

    private volatile bool isBusy;

    /// <inheritdoc/>
    public override void Dispatch(ActorCell cell, Envelope envelope)
    {
        for (var look = 0; isBusy && !isRunning && look < Looks; look++)
            Thread.SpinWait(1);
        base.Dispatch(cell, envelope);
    }

    /// <inheritdoc/>
    protected override void ExecuteTask(IRunnable run)
    {
        if (isRunning)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => RunHere(run), null);
            return;
        }
        RunHere(run);
    }

    /// <inheritdoc/>
    protected override void Shutdown() { }

    private void RunHere(IRunnable run)
    {
        isBusy = isRunning = true;
        try
        {
            run.Run();
        }
        finally
        {
            isBusy = isRunning = false;
        }
    }
}

/// <summary>Makes the <see cref="CallerDispatcher"/> for Akka, which finds this by name.</summary>
internal sealed class CallerDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly CallerDispatcher dispatcher;

    /// <summary>Made by Akka.</summary>
    public CallerDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites) => dispatcher = new CallerDispatcher(this);

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => dispatcher;
}
