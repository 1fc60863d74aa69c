using Akka.Actor;
using AkkaRL.Models.Algorithms;
using static AkkaRL.Actors.Protocol.Experience;

namespace AkkaRL.Actors.Replay;

/// <summary>Owns the target network: follows the learner's parameters and judges minibatches on a thread of its own, while the learner makes its own forward passes.</summary>
/// <remarks>
/// <para>Parent: the run supervisor; the learner watches it and fails when it stops. Supervises nobody.</para>
/// <para>In: <see cref="TrackParameters"/>, <see cref="EvaluateTargets"/>. Out, to the sender: <see cref="ParametersTracked"/>, <see cref="TargetsEvaluated"/>.</para>
/// </remarks>
public sealed class TargetNetwork : ReceiveActor
{
    private readonly ITargetNetwork network;

    /// <summary>Made by the replay shape.</summary>
    /// <param name="makeNetwork">Makes the network, which the actor owns.</param>
    /// <param name="rate">τ.</param>
    public TargetNetwork(Func<ITargetNetwork> makeNetwork, float rate)
    {
        network = makeNetwork();
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
    }

    /// <inheritdoc/>
    protected override void PostStop() => network.Dispose();
}
