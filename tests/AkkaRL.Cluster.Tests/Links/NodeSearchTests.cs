using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Cluster.Tests.Links;

public sealed class NodeSearchTests : TestKit
{
    [Fact]
    public void A_node_that_finds_no_learner_for_long_says_so_once_and_goes_on_asking()
    {
        var (learner, time, completion) = (TestActor, new JumpingTime(), new TaskCompletionSource<string>());
        Func<RunSettings, RunPlan> makePlan = _ => throw new InvalidOperationException("Nobody admits it.");
        Func<IActorRef> findLearner = () => learner;
        var links = new LinkSettings { PulseInterval = TimeSpan.FromMilliseconds(20) };
        EventFilter.Warning(contains: "No learner has answered for 30 s").ExpectOne(() =>
        {
            Sys.ActorOf(Props.Create(() => new NodeAgent(new NodeSettings(), links, makePlan, findLearner, completion, time, new NodeFigures())));
            for (var asked = 0; asked < 10; asked++)
                ExpectMsg<JoinRun>(TimeSpan.FromSeconds(20));
        });
    }

    /// <summary>Ten seconds later whenever it is asked.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private long seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => seconds += 10;
    }
}
