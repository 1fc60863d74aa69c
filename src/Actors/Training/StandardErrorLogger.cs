using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace AkkaRL.Actors.Training;

/// <summary>Writes the actor system's warnings and errors to standard error: standard output belongs to results.</summary>
public sealed class StandardErrorLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>Made by the actor system.</summary>
    public StandardErrorLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(entry => Console.Error.WriteLine(entry));
    }
}
