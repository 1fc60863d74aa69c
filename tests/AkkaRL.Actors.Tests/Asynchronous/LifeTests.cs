using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class LifeTests() : TestKit(KitConfig.Patient)
{
    [Fact]
    public void A_former_lifes_gradient_is_refused_without_a_word()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings());
        var former = learner.Attach(0, life: 0);
        former.IsGranted(5);
        var current = learner.Attach(0, life: 1);
        current.IsGranted(5);
        former.Sends(1);
        former.IsGrantedNothing();
        learner.ParentHearsNothing();
        Assert.Equal((0, 0), (learner.Global.Version, learner.Global.Steps.Applied));
    }

    [Fact]
    public void A_former_life_cannot_attach_any_more()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings());
        learner.Attach(0, life: 1).IsGranted(5);
        learner.Attach(0, life: 0).IsGrantedNothing();
    }

    [Fact]
    public void An_attachment_that_arrives_twice_counts_once()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings());
        var worker = learner.Attach(0);
        worker.IsGranted(5);
        learner.Server.Tell(new Gradients.AttachWorker(worker.Loan));
        worker.IsGrantedNothing();
    }

    [Fact]
    public void A_worker_that_attaches_anew_frees_what_its_former_life_was_granted()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(totalSteps: 5));
        learner.Attach(0, life: 0).IsGranted(5);
        var reborn = learner.Attach(0, life: 1);
        reborn.IsGranted(5);
        reborn.Sends(1);
        learner.Settle();
        Assert.True(learner.Global.Steps.IsSpent);
    }
}
