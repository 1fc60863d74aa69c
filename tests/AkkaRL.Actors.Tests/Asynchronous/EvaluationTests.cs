using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class EvaluationTests() : TestKit(KitConfig.Patient)
{
    private const double Mark = 475;

    [Fact]
    public void An_evaluation_is_asked_for_at_its_step_with_the_parameters_of_that_moment()
    {
        var (learner, worker) = Start();
        worker.Sends(1);
        worker.IsGranted(5);
        learner.ParentHearsNothing();
        worker.Sends(1);
        var request = learner.Parent.ExpectMsg<EvaluatePolicy>();
        worker.IsGranted(5);
        worker.Sends(1);
        worker.IsGranted(5);
        Assert.Equal((0, 10, 3), (request.Index, request.GlobalStep, request.Episodes));
        Assert.Equal([-2, -2, -2], request.Parameters);
    }

    [Fact]
    public void There_is_one_evaluation_at_a_time_and_its_vector_is_lent_again()
    {
        var (learner, worker) = Start();
        Rollouts(worker, 2);
        var first = learner.Parent.ExpectMsg<EvaluatePolicy>();
        Rollouts(worker, 1);
        learner.ParentHearsNothing();
        Answer(learner, first, mean: 10);
        Assert.Equal(10, learner.Parent.ExpectMsg<EvaluationReported>().GlobalStep);
        Rollouts(worker, 1);
        var second = learner.Parent.ExpectMsg<EvaluatePolicy>();
        Assert.Equal((1, 20), (second.Index, second.GlobalStep));
        Assert.Same(first.Parameters, second.Parameters);
    }

    [Fact]
    public void Training_pauses_when_an_evaluation_is_due_before_the_last_is_done_so_that_none_is_left_out()
    {
        var (learner, worker) = Start();
        Rollouts(worker, 2);
        var slow = learner.Parent.ExpectMsg<EvaluatePolicy>();
        Rollouts(worker, 1);
        worker.Sends(1);
        worker.IsGrantedNothing();
        Answer(learner, slow, mean: 10);
        learner.Parent.ExpectMsg<EvaluationReported>();
        Assert.Equal((1, 20), learner.Parent.ExpectMsg<EvaluatePolicy>() is var next ? (next.Index, next.GlobalStep) : default);
        worker.IsGranted(5);
    }

    [Fact]
    public void The_best_policys_report_keeps_its_parameters_when_the_vector_is_lent_again()
    {
        var (learner, worker) = Start();
        Rollouts(worker, 2);
        Answer(learner, learner.Parent.ExpectMsg<EvaluatePolicy>(), mean: 20);
        var best = learner.Parent.ExpectMsg<EvaluationReported>();
        Rollouts(worker, 2);
        Answer(learner, learner.Parent.ExpectMsg<EvaluatePolicy>(), mean: 10);
        var worse = learner.Parent.ExpectMsg<EvaluationReported>();
        Assert.Equal((true, false), (best.IsBest, worse.IsBest));
        Assert.Equal([-2, -2, -2], best.Parameters.ToArray());
        Assert.True(worse.Parameters.IsEmpty);
    }

    [Fact]
    public void A_failed_evaluation_is_let_go_and_its_vector_is_not_used_again()
    {
        var (learner, worker) = Start();
        Rollouts(worker, 2);
        var failed = learner.Parent.ExpectMsg<EvaluatePolicy>();
        learner.Server.Tell(new EvaluationFailed(failed, "the env hangs"));
        Rollouts(worker, 2);
        var next = learner.Parent.ExpectMsg<EvaluatePolicy>();
        Assert.Equal((0, 20), (next.Index, next.GlobalStep));
        Assert.NotSame(failed.Parameters, next.Parameters);
    }

    [Fact]
    public void The_run_ends_solved_with_the_parameters_of_the_third_evaluation_over_the_mark()
    {
        var (learner, worker) = Start();
        for (var evaluation = 0; evaluation < 2; evaluation++)
        {
            Rollouts(worker, 2);
            Answer(learner, learner.Parent.ExpectMsg<EvaluatePolicy>(), Mark);
            learner.Parent.ExpectMsg<EvaluationReported>();
        }
        worker.Sends(1);
        worker.IsGranted(5);
        worker.Sends(1);
        var decisive = learner.Parent.ExpectMsg<EvaluatePolicy>();
        worker.IsGrantedNothing();
        Assert.Equal(30, learner.Global.Steps.Applied);
        learner.Time.Seconds = 9;
        Answer(learner, decisive, Mark);
        learner.Parent.ExpectMsg<EvaluationReported>();
        learner.Parent.ExpectMsg<ProgressReported>();
        Assert.Equal(new TrainingEnded(StopReasons.Solved, null, 9), learner.Parent.ExpectMsg<TrainingEnded>());
        Assert.Equal((10, 0), learner.Evaluations.Solved);
        Assert.Equal(decisive.Parameters, learner.Global.Parameters);
        worker.IsGrantedNothing();
    }

    [Fact]
    public void Gradients_that_arrive_during_a_decisive_evaluation_wait_for_its_result()
    {
        var (learner, first) = Start(workers: 2);
        var second = learner.Attach(1);
        second.IsGranted(5);
        for (var evaluation = 0; evaluation < 2; evaluation++)
        {
            Rollouts(first, 2);
            Answer(learner, learner.Parent.ExpectMsg<EvaluatePolicy>(), Mark);
            learner.Parent.ExpectMsg<EvaluationReported>();
        }
        Rollouts(first, 1);
        first.Sends(1);
        var decisive = learner.Parent.ExpectMsg<EvaluatePolicy>();
        second.Sends(100);
        second.IsGrantedNothing();
        Assert.Equal(decisive.Parameters, learner.Global.Parameters);
        Answer(learner, decisive, mean: Mark - 1);
        first.IsGranted(5);
        second.IsGranted(5);
        Assert.Equal(35, learner.Global.Steps.Applied);
    }

    [Fact]
    public void A_run_that_does_not_stop_when_solved_notes_it_and_goes_on()
    {
        var (learner, worker) = Start(stopWhenSolved: false);
        for (var evaluation = 0; evaluation < 4; evaluation++)
        {
            Rollouts(worker, 2);
            Answer(learner, learner.Parent.ExpectMsg<EvaluatePolicy>(), Mark);
            learner.Parent.ExpectMsg<EvaluationReported>();
        }
        Assert.Equal((10, 0), learner.Evaluations.Solved);
        Rollouts(worker, 1);
        learner.ParentHearsNothing();
    }

    [Fact]
    public void A_run_that_has_made_all_its_steps_waits_for_its_open_evaluation_and_for_the_one_due_at_its_end()
    {
        var (learner, worker) = Start(totalSteps: 20);
        Rollouts(worker, 2);
        var open = learner.Parent.ExpectMsg<EvaluatePolicy>();
        worker.Sends(1);
        worker.IsGranted(5);
        worker.Sends(1);
        learner.ParentHearsNothing();
        Answer(learner, open, mean: 10);
        learner.Parent.ExpectMsg<EvaluationReported>();
        var ofTheEnd = learner.Parent.ExpectMsg<EvaluatePolicy>();
        Assert.Equal(20, ofTheEnd.GlobalStep);
        learner.ParentHearsNothing();
        Answer(learner, ofTheEnd, mean: 10);
        learner.Parent.ExpectMsg<EvaluationReported>();
        learner.Parent.ExpectMsg<ProgressReported>();
        Assert.Equal(StopReasons.Completed, learner.Parent.ExpectMsg<TrainingEnded>().Reason);
    }

    private (LearnerHarness Learner, FakeWorker Worker) Start(int workers = 1, long totalSteps = 1000, bool stopWhenSolved = true)
    {
        var settings = LearnerHarness.Settings(workers, totalSteps) with { StopWhenSolved = stopWhenSolved };
        var learner = new LearnerHarness(this, settings with { Evaluation = settings.Evaluation with { IntervalSteps = 10 } }, Mark);
        var worker = learner.Attach(0);
        worker.IsGranted(5);
        return (learner, worker);
    }

    private static void Rollouts(FakeWorker worker, int count)
    {
        for (var rollout = 0; rollout < count; rollout++)
        {
            worker.Sends(1);
            worker.IsGranted(5);
        }
    }

    private static void Answer(LearnerHarness learner, EvaluatePolicy request, double mean) =>
        learner.Server.Tell(new PolicyEvaluated(request, new EvaluationResult(3, mean, 0, mean, mean)));
}
