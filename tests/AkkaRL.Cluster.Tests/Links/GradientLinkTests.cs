using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Gradients;

namespace AkkaRL.Cluster.Tests.Links;

/// <summary>What the parameter server hears of a node, and the node of it. Rollouts of 5 steps, 2 parameters, 2 moments, a node of 2 workers.</summary>
public sealed class GradientLinkTests : TestKit
{
    private readonly List<object> sent = [];
    private readonly TestProbe learner;
    private readonly GradientLink link;

    public GradientLinkTests()
    {
        learner = CreateTestProbe();
        var settings = new LinkSettings { CombinedRollouts = 10, SharedRollouts = 12, GradientPrecision = GradientPrecision.EightBit };
        link = new GradientLink(new LinkContext(TestActor, learner, sent.Add, 1, Offer: 2, Slot: 0, Life: 0, settings), null, workers: 4, parameterCount: 2, momentCount: 2, rolloutSteps: 5);
    }

    [Theory]
    [InlineData(1, 10 * 2 * 5)]
    [InlineData(2, 6 * 5)]
    [InlineData(4, 3 * 5)]
    [InlineData(100, 2 * 5)] // one of each worker
    public void A_node_alone_asks_for_as_much_as_it_may_combine_and_several_for_a_share(int nodes, int steps)
    {
        link.Share(nodes);
        link.Begin();
        Assert.Equal([steps, steps], Enumerable.Range(0, 2).Select(_ => learner.ExpectMsg<AttachWorker>().Loan.StepsWanted));
    }

    [Fact]
    public void The_moments_go_with_the_first_grant_and_what_was_changed_comes_back_as_it_was()
    {
        link.Begin();
        var loan = learner.ExpectMsg<AttachWorker>().Loan;
        Assert.True(loan.WantsMoments);
        Assert.False(learner.ExpectMsg<AttachWorker>().Loan.WantsMoments);
        (loan.Steps, loan.Version, loan.LearningRate, loan.Moments) = (20, 7, 0.5f, new float[] { 1, 2 });
        link.TakeFromLearner(new RolloutGranted(loan));
        var granted = Assert.IsType<GradientsGranted>(Assert.Single(sent));
        Assert.Equal((7, 0.5f, 2f), (granted.Version, granted.LearningRate, granted.Moments.Span[1]));
        Assert.Equal(GradientPrecision.EightBit, granted.Precision);

        link.Share(4);
        link.TakeFromNode(Made());
        loan = learner.ExpectMsg<ApplyGradient>().Loan;
        Assert.Equal((8, 3, 2, 18, 15), (loan.Version, loan.Updates, loan.LagThere, loan.Steps, loan.StepsWanted));
        Assert.Equal([5, 6], loan.Vector);
        Assert.Equal([3, 4], loan.Moments.ToArray());
        loan.Version = 15; // 8 and its own 3; others made 4
        link.TakeFromLearner(new RolloutGranted(loan));
        Assert.Equal((1, 2.25 + 4, 18), (link.Lags, link.Lag, link.Steps));
    }

    [Fact]
    public void What_does_not_fit_what_was_granted_breaks_the_link()
    {
        foreach (var wrong in (UpdatesMade[])
            [Made() with { Stream = 1 }, Made() with { Stream = 2 }, Made() with { Steps = 21 }, Made() with { Steps = 0 }, Made() with { Version = 6 }, Made() with { Updates = -1 },
            Made() with { Lag = double.NaN }, Made() with { Lag = -1 }, Made() with { Change = new float[3] }, Made() with { Moments = new float[1] }, Made() with { Moments = new[] { 1, float.NaN } }])
        {
            link.Begin();
            var loan = learner.ExpectMsg<AttachWorker>().Loan;
            learner.ExpectMsg<AttachWorker>();
            (loan.Steps, loan.Version) = (20, 7);
            link.TakeFromLearner(new RolloutGranted(loan));
            Assert.Throws<LinkBrokenException>(() => link.TakeFromNode(wrong));
        }
    }

    private static UpdatesMade Made() => new(0, 8, 3, 2.25, 18, new(1, 1, 1, 1), [], new float[] { 5, 6 }, new float[] { 3, 4 });
}
