using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class EndTests() : TestKit(KitConfig.Patient)
{
    [Fact]
    public void A_learner_that_is_told_to_end_grants_and_applies_nothing_more()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(workers: 2));
        var (first, second) = (learner.Attach(0), learner.Attach(1));
        first.IsGranted(5);
        second.IsGranted(5);
        first.Sends(1);
        first.IsGranted(5);
        learner.Time.Seconds = 3;
        learner.Server.Tell(new EndTraining(StopReasons.Stopped, "by hand"));
        Assert.Equal(5, learner.Parent.ExpectMsg<ProgressReported>().GlobalStep);
        Assert.Equal(new TrainingEnded(StopReasons.Stopped, "by hand", 3), learner.Parent.ExpectMsg<TrainingEnded>());
        second.Sends(1);
        second.IsGrantedNothing();
        learner.Attach(1, life: 1).IsGrantedNothing();
        Assert.Equal((1, 5), (learner.Global.Version, learner.Global.Steps.Applied));
    }

    [Fact]
    public void The_end_is_told_once_and_the_first_reason_counts()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings());
        learner.Server.Tell(new EndTraining(StopReasons.Failed, "too many faults"));
        learner.Server.Tell(new EndTraining(StopReasons.Stopped));
        Assert.Equal(StopReasons.Failed, learner.Parent.ExpectMsg<TrainingEnded>().Reason);
        learner.ParentHearsNothing();
    }
}
