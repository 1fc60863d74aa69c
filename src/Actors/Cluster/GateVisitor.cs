using Akka.Actor;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Actors.Cluster;

/// <summary>Asks a node's gate one question, for a process that is no actor.</summary>
/// <remarks>Parent: /user. Supervises nobody. In: the answer, any <see cref="Admission.IMessage"/>. Stops when it has it, or when the time is over.</remarks>
public sealed class GateVisitor : ReceiveActor
{
    private readonly TaskCompletionSource<Admission.IMessage?> answer;

    /// <summary>Made by <see cref="GateQuestion"/>.</summary>
    public GateVisitor(ActorSelection gate, Admission.IMessage question, TimeSpan timeout, TaskCompletionSource<Admission.IMessage?> answer)
    {
        this.answer = answer;
        gate.Tell(question);
        Context.SetReceiveTimeout(timeout);
        Receive<Admission.IMessage>(Finish);
        Receive<ReceiveTimeout>(_ => Finish(null));

        void Finish(Admission.IMessage? message)
        {
            answer.TrySetResult(message);
            Context.Stop(Self);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop() => answer.TrySetResult(null);
}
