using Akka.Actor;
using AkkaRL.Actors.Cluster;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>A learner that never answers.</summary>
internal sealed class BlindWindow : ILearnerWindow
{
    public void Open(ActorSystem system)
    {
    }

    public void Ask(IActorRef asker)
    {
    }

    public LearnerView? Read(object message) => null;
}
