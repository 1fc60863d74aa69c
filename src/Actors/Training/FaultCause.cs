using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Actors.Training;

/// <summary>What an exception that stopped an actor says to a user: whose fault it was, and a sentence.</summary>
internal static class FaultCause
{
    /// <summary>An env's fault when there is one anywhere inside the exception, whatever the actor system has wrapped around it.</summary>
    public static (FaultKind Kind, string Message) Of(Exception cause)
    {
        for (var inner = cause; inner is not null; inner = inner.InnerException)
            if (inner is EnvFaultException fault)
                return (FaultKind.Environment, fault.Message);
        var root = cause is ActorInitializationException ? cause.GetBaseException() : cause;
        return (FaultKind.Worker, $"{root.GetType().Name}: {root.Message}");
    }
}
