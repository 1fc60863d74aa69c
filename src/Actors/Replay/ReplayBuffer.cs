using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;
using static AkkaRL.Actors.Protocol.Experience;
using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Replay;

/// <summary>Owns the replay: remembers transitions and fills minibatches; where tensors are computed beside the learner.</summary>
/// <remarks>
/// <para>Parent: the run supervisor, which makes it anew when it throws and has the learner begin another life; the learner watches it and fails when it stops.</para>
/// <para>In: <see cref="StoreTransitions"/>, <see cref="SampleMinibatch"/>, <see cref="Prioritize"/>, <see cref="CapturePart"/>, <see cref="RestorePart"/>. Out, to the sender:
/// <see cref="TransitionsStored"/>, <see cref="MinibatchSampled"/>, <see cref="PartCaptured"/>, <see cref="PartRestored"/>.</para>
/// <para>Only the learner speaks to it, so that what is sampled depends on the order of the learner's messages alone. On restart it has
/// forgotten everything, and listens to nothing before the learner's next life tells it what to go on from.</para>
/// </remarks>
public sealed class ReplayBuffer : ReceiveActor
{
    private readonly Func<IReplay> makeReplay;
    private readonly Func<RandomStream> makeRandom;
    private IReplay replay;
    private RandomStream random;

    /// <summary>Made by the replay shape.</summary>
    /// <param name="makeReplay">Makes the replay, empty.</param>
    /// <param name="makeRandom">Makes the random numbers that choose what is sampled, as they start.</param>
    public ReplayBuffer(Func<IReplay> makeReplay, Func<RandomStream> makeRandom)
    {
        (this.makeReplay, this.makeRandom) = (makeReplay, makeRandom);
        (replay, random) = (makeReplay(), makeRandom());
        Serving();
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason) => Become(() =>
    {
        Receive<RestorePart>(Restore);
        ReceiveAny(_ => { });
    });

    private void Serving()
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
        Receive<CapturePart>(message =>
        {
            Visit(new RunStateVisitor(message.State, isRestoring: false, "replay."));
            Sender.Tell(new PartCaptured(message.State));
        });
        Receive<RestorePart>(Restore);
    }

    private void Restore(RestorePart message)
    {
        (replay, random) = (makeReplay(), makeRandom());
        if (message.State is { } state)
            Visit(new RunStateVisitor(state, isRestoring: true, "replay."));
        Become(Serving);
        Sender.Tell(new PartRestored(message.Incarnation));
    }

    private void Visit(RunStateVisitor state)
    {
        state.Visit("random", random);
        replay.Visit(state);
    }
}
