using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class RefusedGradientTests() : TestKit(KitConfig.Patient)
{
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_is_counted_and_changes_nothing(double norm)
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings());
        var worker = learner.Attach(0);
        worker.IsGranted(5);
        worker.Sends(1);
        worker.IsGranted(5);
        worker.Sends(float.NaN, norm: norm, episode: new FinishedEpisode(100, 5));
        Assert.Equal(new GradientRefused(0, 5, FaultKind.NonFiniteGradient), learner.Parent.ExpectMsg<GradientRefused>());
        worker.IsGranted(5);
        Assert.Equal([-1, -1, -1], worker.Loan.Vector);
        Assert.Equal((1, 5, 0), (learner.Global.Version, learner.Global.Steps.Applied, learner.Global.Statistics.Episodes));
    }

    [Fact]
    public void The_env_steps_of_a_refused_gradient_are_made_again()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(totalSteps: 5));
        var worker = learner.Attach(0);
        worker.IsGranted(5);
        worker.Sends(float.NaN, norm: double.NaN);
        worker.IsGranted(5);
        worker.Sends(1);
        learner.Parent.ExpectMsg<GradientRefused>();
        learner.Parent.ExpectMsg<ProgressReported>();
        Assert.Equal(StopReasons.Completed, learner.Parent.ExpectMsg<TrainingEnded>().Reason);
    }
}
