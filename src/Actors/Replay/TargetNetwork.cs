using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Models.Algorithms;
using static AkkaRL.Actors.Protocol.Experience;
using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Replay;

/// <summary>Owns the target network: follows the learner's parameters and judges minibatches; where tensors are computed on a thread of its own, while the learner makes its own forward passes.</summary>
/// <remarks>
/// <para>Parent: the run supervisor, which makes it anew when it throws and has the learner begin another life; the learner watches it and fails when it stops. Supervises nobody.</para>
/// <para>In: <see cref="TrackParameters"/>, <see cref="EvaluateTargets"/>, <see cref="CapturePart"/>, <see cref="RestorePart"/>. Out, to the sender:
/// <see cref="ParametersTracked"/>, <see cref="TargetsEvaluated"/>, <see cref="PartCaptured"/>, <see cref="PartRestored"/>.</para>
/// <para>On restart it listens to nothing before the learner's next life tells it what to go on from.</para>
/// </remarks>
public sealed class TargetNetwork : ReceiveActor
{
    private readonly Func<ITargetNetwork> makeNetwork;
    private readonly float rate;
    private ITargetNetwork network;

    /// <summary>Made by the replay shape.</summary>
    /// <param name="makeNetwork">Makes the network, which the actor owns, at the learner's parameters.</param>
    /// <param name="rate">τ.</param>
    public TargetNetwork(Func<ITargetNetwork> makeNetwork, float rate)
    {
        (this.makeNetwork, this.rate) = (makeNetwork, rate);
        network = makeNetwork();
        Serving();
    }

    /// <inheritdoc/>
    protected override void PostStop() => network.Dispose();

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason) => Become(() =>
    {
        Receive<RestorePart>(Restore);
        ReceiveAny(_ => { });
    });

    private void Serving()
    {
        Receive<TrackParameters>(message =>
        {
            network.Track(message.Parameters, rate);
            Sender.Tell(new ParametersTracked(message.Parameters));
        });
        Receive<EvaluateTargets>(message =>
        {
            network.Evaluate(message.Minibatch);
            Sender.Tell(new TargetsEvaluated(message.Minibatch));
        });
        Receive<CapturePart>(message =>
        {
            network.Visit(new RunStateVisitor(message.State, isRestoring: false, "target."));
            Sender.Tell(new PartCaptured(message.State));
        });
        Receive<RestorePart>(Restore);
    }

    private void Restore(RestorePart message)
    {
        network.Dispose();
        network = makeNetwork();
        if (message.State is { } state)
            network.Visit(new RunStateVisitor(state, isRestoring: true, "target."));
        Become(Serving);
        Sender.Tell(new PartRestored(message.Incarnation));
    }
}
