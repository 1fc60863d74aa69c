using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class PolicyLagTests() : TestKit(KitConfig.Patient)
{
    [Theory]
    [InlineData(LagRemedy.Accept, 1f)]
    [InlineData(LagRemedy.Scale, 0.5f)]
    public void A_gradient_beyond_the_bound_is_applied_as_its_remedy_says(LagRemedy remedy, float rate)
    {
        var (learner, slow) = WithLagOfFour(remedy, maximum: 2);
        slow.Sends(8);
        slow.IsGranted(5);
        Assert.Equal((8, rate), learner.Optimizer.Applied[^1]);
        Assert.Equal(4, learner.Global.PolicyLag.Maximum);
        learner.ParentHearsNothing();
    }

    [Fact]
    public void A_gradient_beyond_the_bound_can_be_dropped()
    {
        var (learner, slow) = WithLagOfFour(LagRemedy.Drop, maximum: 2);
        slow.Sends(8);
        slow.IsGranted(5);
        Assert.Equal(new GradientRefused(1, 20, FaultKind.PolicyLag), learner.Parent.ExpectMsg<GradientRefused>());
        Assert.Equal(4, learner.Optimizer.Applied.Count);
        Assert.Equal((0, 20), (learner.Global.PolicyLag.Maximum, learner.Global.Steps.Applied));
        Assert.Equal(4, slow.Loan.Version);
    }

    [Theory]
    [InlineData(LagRemedy.Scale)]
    [InlineData(LagRemedy.Drop)]
    public void A_gradient_at_the_bound_is_applied_as_it_is(LagRemedy remedy)
    {
        var (learner, slow) = WithLagOfFour(remedy, maximum: 4);
        slow.Sends(8);
        slow.IsGranted(5);
        Assert.Equal((8, 1), learner.Optimizer.Applied[^1]);
    }

    private (LearnerHarness Learner, FakeWorker Slow) WithLagOfFour(LagRemedy remedy, long maximum)
    {
        var settings = LearnerHarness.Settings(workers: 2) with { PolicyLag = new PolicyLagSettings { Maximum = maximum, BeyondMaximum = remedy } };
        var learner = new LearnerHarness(this, settings);
        var (quick, slow) = (learner.Attach(0), learner.Attach(1));
        slow.IsGranted(5);
        for (var update = 0; update < 4; update++)
        {
            quick.IsGranted(5);
            quick.Sends(1);
        }
        quick.IsGranted(5);
        return (learner, slow);
    }
}
