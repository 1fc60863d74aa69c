using System.Collections.Immutable;
using Akka.Actor;
using AkkaRL.Actors.Cluster;
using static AkkaRL.Actors.Protocol.Admission;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Host.Cluster;

/// <summary>Asks the learner by its proxy.</summary>
internal sealed class LearnerWindow : ILearnerWindow
{
    private IActorRef proxy = ActorRefs.Nobody;

    public void Open(ActorSystem system) => proxy = ClusterRun.LearnerProxy(system);

    public void Ask(IActorRef asker) => proxy.Tell(new DescribeRun(), asker);

    public LearnerView? Read(object message) => message is RunDescribed run
        ? new LearnerView(
            new RunStatus(run.Incarnation, run.GlobalStep, run.TotalSteps, run.SnapshotStep),
            run.Nodes.ToImmutableDictionary(node => node.Address, node => new NodeShare(node.Workers, node.StepsPerSecond, node.PolicyLag)))
        : null;
}
