using Akka.Actor;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using static AkkaRL.Actors.Protocol.Experience;

namespace AkkaRL.Actors.Replay;

/// <summary>Owns the replay: remembers transitions and fills minibatches, while the learner computes.</summary>
/// <remarks>
/// <para>Parent: the run supervisor; the learner watches it and fails when it stops. Supervises nobody.</para>
/// <para>In: <see cref="StoreTransitions"/>, <see cref="SampleMinibatch"/>, <see cref="Prioritize"/>. Out, to the sender:
/// <see cref="TransitionsStored"/>, <see cref="MinibatchSampled"/>.</para>
/// <para>Only the learner speaks to it, so that what is sampled depends on the order of the learner's messages alone.</para>
/// </remarks>
public sealed class ReplayBuffer : ReceiveActor
{
    /// <summary>Made by the replay shape.</summary>
    public ReplayBuffer(IReplay replay, RandomStream random)
    {
        Receive<StoreTransitions>(message =>
        {
            replay.Add(message.Loan.Transitions);
            Sender.Tell(message.Loan.Stored);
        });
        Receive<SampleMinibatch>(message =>
        {
            replay.Sample(message.Minibatch, random, message.ImportanceExponent);
            Sender.Tell(new MinibatchSampled(message.Minibatch));
        });
        Receive<Prioritize>(message => replay.Prioritize(message.Minibatch));
    }
}
