using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class DeterministicTurnTests() : TestKit(KitConfig.Patient)
{
    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 2, 0)]
    public void Gradients_are_applied_in_worker_order_whatever_the_order_of_arrival(int first, int second, int third)
    {
        var (learner, workers) = Start(attach: [first, second, third]);
        for (var turn = 0; turn < 3; turn++)
        {
            foreach (var worker in (int[])[first, second, third])
                workers[worker].Sends(worker + 10 * turn);
            foreach (var worker in workers)
                worker.IsGranted(5);
        }
        Assert.Equal([0, 1, 2, 10, 11, 12, 20, 21, 22], learner.Optimizer.Applied.Select(update => update.Gradient));
        Assert.Equal([7, 8, 9], workers.Select(worker => worker.Loan.Version));
    }

    [Fact]
    public void A_gradient_waits_for_its_turn()
    {
        var (learner, workers) = Start(attach: [0, 1, 2]);
        workers[2].Sends(2);
        workers[1].Sends(1);
        workers[1].IsGrantedNothing();
        Assert.Empty(learner.Optimizer.Applied);
        workers[0].Sends(0);
        learner.Settle();
        Assert.Equal([0, 1, 2], learner.Optimizer.Applied.Select(update => update.Gradient));
    }

    [Fact]
    public void Nobody_is_granted_a_rollout_before_the_workers_ahead_of_it_are_there()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(workers: 2) with { Deterministic = true });
        var second = learner.Attach(1);
        second.IsGrantedNothing();
        learner.Attach(0).IsGranted(5);
        second.IsGranted(5);
    }

    [Fact]
    public void The_turn_waits_for_the_result_of_an_evaluation()
    {
        var (learner, workers) = Start(attach: [0, 1, 2], evaluationInterval: 5);
        workers[0].Sends(0);
        var request = learner.Parent.ExpectMsg<EvaluatePolicy>();
        workers[1].Sends(1);
        workers[0].IsGrantedNothing();
        Assert.Single(learner.Optimizer.Applied);
        learner.Server.Tell(new PolicyEvaluated(request, new EvaluationResult(3, 1, 0, 1, 1)));
        learner.Parent.ExpectMsg<EvaluationReported>();
        Assert.Equal(10, learner.Parent.ExpectMsg<EvaluatePolicy>().GlobalStep);
        Assert.Equal([0, 1], learner.Optimizer.Applied.Select(update => update.Gradient));
    }

    [Fact]
    public void The_turn_passes_a_worker_for_which_no_steps_are_left_and_the_total_is_exact()
    {
        var (learner, workers) = Start(attach: [0, 1, 2], totalSteps: 17);
        foreach (var worker in workers)
            worker.Sends(1);
        workers[0].IsGranted(2);
        workers[1].IsGrantedNothing();
        workers[0].Sends(1, steps: 1);
        learner.Settle();
        Assert.Equal(16, learner.Global.Steps.Applied);
        workers[0].IsGranted(1);
        workers[0].Sends(1);
        learner.Settle();
        Assert.True(learner.Global.Steps.IsSpent);
    }

    [Fact]
    public void A_worker_that_died_holds_the_turn_until_its_next_life()
    {
        var (learner, workers) = Start(attach: [0, 1, 2]);
        workers[1].Sends(1);
        workers[2].Sends(2);
        learner.Settle();
        Assert.Empty(learner.Optimizer.Applied);
        learner.Attach(0, life: 1).IsGranted(5);
        workers[2].IsGranted(5);
        Assert.Equal([1, 2], learner.Optimizer.Applied.Select(update => update.Gradient));
    }

    private (LearnerHarness Learner, FakeWorker[] Workers) Start(int[] attach, long totalSteps = 1000, long evaluationInterval = 0)
    {
        var settings = LearnerHarness.Settings(workers: 3, totalSteps) with { Deterministic = true };
        var learner = new LearnerHarness(this, settings with { Evaluation = settings.Evaluation with { IntervalSteps = evaluationInterval } });
        var workers = new FakeWorker[3];
        foreach (var worker in attach)
            workers[worker] = learner.Attach(worker);
        foreach (var worker in workers)
            worker.IsGranted(5);
        return (learner, workers);
    }
}
