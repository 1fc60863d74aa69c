using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Training;

/// <summary>Duties of a run of 40 steps with an evaluation every 10 and a report every 15; what only they show, for learners' tests show the rest.</summary>
public class LearnerDutiesTests : TestKit
{
    private readonly TestProbe supervisor;
    private readonly EvaluationHistory evaluations = new(solvedAt: 475);

    public LearnerDutiesTests() => supervisor = CreateTestProbe();

    [Fact]
    public void A_failed_evaluation_too_is_followed_at_once_by_the_next_that_is_due()
    {
        var duties = Duties();
        duties.Advance(10, [1]);
        supervisor.ExpectMsg<EvaluatePolicy>();
        duties.Advance(14, [2]);
        Assert.False(duties.AwaitsEvaluation);
        duties.Advance(23, [3]);
        supervisor.ExpectMsg<ProgressReported>();
        Assert.True(duties.AwaitsEvaluation);
        duties.TakeFailure([3]);
        var next = supervisor.ExpectMsg<EvaluatePolicy>();
        Assert.Equal((23, 3), (next.GlobalStep, next.Parameters[0]));
        Assert.False(duties.AwaitsEvaluation);
    }

    [Fact]
    public void A_learner_that_always_waits_waits_for_every_evaluation()
    {
        var duties = Duties(alwaysWaits: true);
        duties.Advance(10, [1]);
        Assert.True(duties.AwaitsEvaluation);
        duties.Take(Result(supervisor.ExpectMsg<EvaluatePolicy>()), [1]);
        Assert.False(duties.AwaitsEvaluation);
    }

    [Fact]
    public void A_result_that_comes_after_the_end_changes_nothing()
    {
        var duties = Duties();
        duties.Advance(10, [1]);
        var late = supervisor.ExpectMsg<EvaluatePolicy>();
        duties.End(StopReasons.Stopped, null);
        supervisor.ExpectMsg<ProgressReported>();
        supervisor.ExpectMsg<TrainingEnded>();
        duties.Take(Result(late), [1]);
        Assert.False(supervisor.HasMessages);
        Assert.Equal(0, evaluations.Count);
    }

    [Fact]
    public void Duties_go_on_from_a_snapshot_and_make_an_evaluation_that_ran_again()
    {
        var (before, state) = (Duties(), new RunState());
        before.Advance(20, [1]);
        before.Capture(state);
        supervisor.ExpectMsg<ProgressReported>();
        supervisor.ExpectMsg<EvaluatePolicy>();
        var after = Duties();
        after.Restore(state);
        after.Begin(20);
        var again = supervisor.ExpectMsg<EvaluatePolicy>();
        Assert.Equal((0, 20, 1), (again.Index, again.GlobalStep, again.Parameters[0]));
        after.Advance(25, [2]);
        after.Take(Result(again), [2]);
        Assert.Equal(20, supervisor.ExpectMsg<EvaluationReported>().GlobalStep);
        after.Advance(30, [3]);
        Assert.Equal(30, supervisor.ExpectMsg<ProgressReported>().GlobalStep);
        Assert.Equal(30, supervisor.ExpectMsg<EvaluatePolicy>().GlobalStep);
    }

    [Fact]
    public void A_result_that_a_former_life_of_the_learner_asked_for_changes_nothing()
    {
        var (former, next) = (Duties(), Duties());
        former.Advance(10, [1]);
        next.Take(Result(supervisor.ExpectMsg<EvaluatePolicy>()), [1]);
        Assert.False(supervisor.HasMessages);
        Assert.Equal(0, evaluations.Count);
    }

    private static PolicyEvaluated Result(EvaluatePolicy request) => new(request, new EvaluationResult(3, 10, 0, 10, 10));

    private LearnerDuties Duties(bool alwaysWaits = false)
    {
        var settings = new RunSettings
        {
            TotalSteps = 40,
            Evaluation = new EvaluationSettings { IntervalSteps = 10, Episodes = 3 },
            Metrics = new MetricsSettings { IntervalSteps = 15 },
        };
        return new LearnerDuties(settings, new TrainingStatistics(1), evaluations, new RunClock(new ManualTime()), supervisor, row => row) { AlwaysWaits = alwaysWaits };
    }
}
