using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class ProgressTests() : TestKit(KitConfig.Patient)
{
    [Fact]
    public void Progress_is_reported_at_each_interval_with_what_happened_since()
    {
        var settings = LearnerHarness.Settings(totalSteps: 30) with { Metrics = new MetricsSettings { IntervalSteps = 10, EpisodeWindow = 2 } };
        var learner = new LearnerHarness(this, settings);
        var worker = learner.Attach(0);
        worker.IsGranted(5);
        worker.Sends(1, episode: new FinishedEpisode(40, 4));
        worker.IsGranted(5);
        learner.ParentHearsNothing();
        learner.Time.Seconds = 2;
        worker.Sends(1, norm: 3);
        var first = learner.Parent.ExpectMsg<ProgressReported>();
        Assert.Equal((10, 2, 2, 5), (first.GlobalStep, first.Updates, first.WallSeconds, first.StepsPerSecond));
        Assert.Equal((1, 40, 4), (first.Episodes, first.MeanReturn, first.MeanLength));
        Assert.Equal((1, 2, 3, 2), (first.PolicyLoss, first.ValueLoss, first.Entropy, first.GradientNorm));
        Assert.Equal(new PolicyLagRange(0, 0, 0), first.PolicyLag);

        worker.IsGranted(5);
        worker.Sends(1, steps: 4);
        worker.IsGranted(5);
        learner.Time.Seconds = 3;
        worker.Sends(1, steps: 5);
        worker.IsGranted(5);
        learner.ParentHearsNothing();
        learner.Time.Seconds = 4;
        worker.Sends(1);
        Assert.Equal((24, 7), (learner.Parent.ExpectMsg<ProgressReported>() is var second ? second.GlobalStep : 0, second.StepsPerSecond));
    }
}
