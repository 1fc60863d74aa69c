using Akka.Configuration;
using Akka.Dispatch;

namespace AkkaRL.Actors.Training;

/// <summary>
/// Runs an idle actor on the thread of whoever sends to it, and one that is busy on the thread that it is busy on: the mailbox
/// serializes, as ever, but nobody has to be woken. For an actor whose handlers are shorter than a wake-up, such as the
/// parameter server: a worker's gradient is applied, and the worker granted its next rollout, without leaving the worker's thread.
/// </summary>
/// <remarks>
/// An actor that is still busy after a turn (Akka's throughput, 30 messages) goes on in the thread pool, so that no sender serves others for long.
/// </remarks>
internal sealed class CallerDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator)
{
    /// <summary>Whether this thread runs an actor of this dispatcher already: a property of threads, not shared.</summary>
    [ThreadStatic]
    private static bool isRunning;

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

    private static void RunHere(IRunnable run)
    {
        isRunning = true;
        try
        {
            run.Run();
        }
        finally
        {
            isRunning = false;
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
