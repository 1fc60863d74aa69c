using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class GrantTests() : TestKit(KitConfig.Patient)
{
    [Fact]
    public void A_worker_that_attaches_is_granted_a_rollout_from_the_current_parameters()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings());
        learner.Global.Parameters.AsSpan().Fill(7);
        var worker = learner.Attach(0);
        worker.IsGranted(5);
        Assert.Equal([7, 7, 7], worker.Loan.Vector);
        Assert.Equal(0, worker.Loan.Version);
    }

    [Fact]
    public void A_gradient_is_applied_and_answered_with_what_it_made_of_the_parameters()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings());
        var worker = learner.Attach(0);
        worker.IsGranted(5);
        worker.Sends(2, steps: 4);
        worker.IsGranted(5);
        Assert.Equal([-2, -2, -2], worker.Loan.Vector);
        Assert.Equal((1, 4), (worker.Loan.Version, learner.Global.Steps.Applied));
        Assert.Null(worker.Loan.Episode);
    }

    [Fact]
    public void Policy_lag_is_the_number_of_updates_since_the_parameters_were_lent()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(workers: 2));
        var (quick, slow) = (learner.Attach(0), learner.Attach(1));
        slow.IsGranted(5);
        for (var update = 0; update < 3; update++)
        {
            quick.IsGranted(5);
            quick.Sends(1);
        }
        slow.Sends(1);
        slow.IsGranted(5);
        Assert.Equal(4, slow.Loan.Version);
        Assert.Equal(new(0, 0.75, 3), learner.Global.PolicyLag);
    }

    [Fact]
    public void The_last_grants_are_short_so_that_the_total_is_exact()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(workers: 2, totalSteps: 12));
        var (first, second) = (learner.Attach(0), learner.Attach(1));
        first.IsGranted(5);
        second.IsGranted(5);
        first.Sends(1);
        first.IsGranted(2);
        second.Sends(1);
        second.IsGrantedNothing();
        learner.ParentHearsNothing();
        first.Sends(1);
        Assert.IsType<ProgressReported>(learner.Parent.ReceiveOne(null));
        Assert.Equal(StopReasons.Completed, learner.Parent.ExpectMsg<TrainingEnded>().Reason);
        Assert.Equal((12, 3), (learner.Global.Steps.Applied, learner.Global.Version));
        first.IsGrantedNothing();
    }

    [Fact]
    public void Steps_that_an_ended_episode_did_not_use_are_granted_again()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(workers: 3, totalSteps: 13));
        var workers = Enumerable.Range(0, 3).Select(worker => learner.Attach(worker)).ToArray();
        foreach (var (worker, steps) in workers.Zip([5, 5, 3]))
            worker.IsGranted(steps);
        workers[2].Sends(1);
        workers[2].IsGrantedNothing();
        workers[1].Sends(1);
        workers[1].IsGrantedNothing();
        workers[0].Sends(1, steps: 1);
        workers[0].IsGranted(4); // nobody else is asked: whoever frees steps takes them all
        workers[0].Sends(1, steps: 1);
        workers[0].IsGranted(3);
        workers[1].IsGrantedNothing();
        learner.ParentHearsNothing();
    }

    [Fact]
    public void What_a_holder_that_is_gone_had_been_granted_is_granted_to_others()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(workers: 2, totalSteps: 5));
        var (gone, other) = (learner.Attach(0), learner.Attach(1));
        gone.IsGranted(5);
        other.IsGrantedNothing();
        learner.Server.Tell(new Gradients.DetachWorker(gone.Loan));
        other.IsGranted(5);
        other.Sends(1);
        learner.Settle();
        Assert.Equal((5, true), (learner.Global.Steps.Applied, learner.Global.Steps.IsSpent));
    }

    [Fact]
    public void A_holder_that_is_gone_may_have_a_successor()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(totalSteps: 5));
        var gone = learner.Attach(0);
        gone.IsGranted(5);
        learner.Server.Tell(new Gradients.DetachWorker(gone.Loan));
        learner.Attach(0, life: 1).IsGranted(5);
        learner.Server.Tell(new Gradients.DetachWorker(gone.Loan)); // of a former life: changes nothing
        learner.Settle();
        Assert.Equal(0, learner.Global.Steps.Grant(1));
    }
}
