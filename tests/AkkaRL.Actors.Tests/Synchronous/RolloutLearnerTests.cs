using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Synchronous;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Rollouts;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Tests.Synchronous;

/// <summary>A rollout learner between probes: one for its parent, one for each of two workers with two envs and batches of 4 steps an env.</summary>
public sealed class RolloutLearnerTests : TestKit
{
    private readonly TestProbe parent;
    private readonly RecordingAlgorithm algorithm = new();

    public RolloutLearnerTests() => parent = CreateTestProbe();

    [Fact]
    public void Nothing_is_learned_before_every_worker_has_collected_its_share()
    {
        var learner = Start(Settings());
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        second.Collects(reward: 2);
        Settle(learner);
        Assert.Empty(algorithm.Batches);

        first.Collects(reward: 1);
        Settle(learner);

        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2], Assert.Single(algorithm.Batches));
    }

    [Fact]
    public void A_restarted_worker_makes_its_share_again_and_nobody_else_does()
    {
        var learner = Start(Settings());
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.IsAsked(4, 4);
        second.Collects(reward: 2);

        var restarted = Attach(learner, 0, life: 1);
        first.Sends(reward: 9);
        restarted.Collects(reward: 1);
        Settle(learner);

        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2], Assert.Single(algorithm.Batches));
    }

    [Fact]
    public void A_worker_that_is_restarted_after_its_share_keeps_it()
    {
        var learner = Start(Settings());
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.Collects(reward: 1);
        var restarted = Attach(learner, 0, life: 1);
        restarted.IsAskedNothing(learner);

        second.Collects(reward: 2);

        restarted.IsAsked(4, 4);
        Assert.Equal(16, Assert.Single(algorithm.Batches).Length);
    }

    [Fact]
    public void The_last_batch_is_as_long_as_what_is_left()
    {
        var learner = Start(Settings(totalSteps: 16 + 6));
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.Collects();
        second.Collects();

        first.IsAsked(2, 2);
        second.IsAsked(1, 1);
        first.Sends();
        second.Sends();

        Assert.Equal(22, parent.FishForMessage<ProgressReported>(_ => true).GlobalStep);
        Assert.Equal(StopReasons.Completed, parent.FishForMessage<TrainingEnded>(_ => true).Reason);
    }

    [Fact]
    public void Training_waits_for_an_evaluation()
    {
        var learner = Start(Settings(evaluationInterval: 16));
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.Collects();
        second.Collects();
        var request = parent.FishForMessage<EvaluatePolicy>(_ => true);
        first.IsAskedNothing(learner);

        learner.Tell(new PolicyEvaluated(request, new EvaluationResult(3, 10, 0, 10, 10)));

        first.IsAsked(4, 4);
    }

    [Fact]
    public void A_failed_evaluation_does_not_hold_training_up()
    {
        var learner = Start(Settings(evaluationInterval: 16));
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.Collects();
        second.Collects();

        learner.Tell(new EvaluationFailed(parent.FishForMessage<EvaluatePolicy>(_ => true), "it fell"));

        first.IsAsked(4, 4);
    }

    [Fact]
    public void Three_evaluations_over_the_mark_end_the_run()
    {
        var learner = Start(Settings(evaluationInterval: 16));
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        for (var i = 0; i < 3; i++)
        {
            first.Collects();
            second.Collects();
            learner.Tell(new PolicyEvaluated(parent.FishForMessage<EvaluatePolicy>(_ => true), new EvaluationResult(3, 500, 0, 500, 500)));
        }

        Assert.Equal(StopReasons.Solved, parent.FishForMessage<TrainingEnded>(_ => true).Reason);
        first.IsAskedNothing(learner);
    }

    [Fact]
    public void A_run_that_is_told_to_end_asks_for_nothing_more()
    {
        var learner = Start(Settings());
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.IsAsked(4, 4);
        learner.Tell(new EndTraining(StopReasons.Stopped));
        first.Sends();
        second.Collects();

        Assert.Equal(StopReasons.Stopped, parent.FishForMessage<TrainingEnded>(_ => true).Reason);
        first.IsAskedNothing(learner);
        Assert.Empty(algorithm.Batches);
    }

    [Fact]
    public void Workers_that_are_sent_ahead_act_with_the_parameters_of_before_the_update()
    {
        algorithm.AddsToParameters = 1;
        var learner = Start(Settings(), sendsAhead: true);
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.IsAsked(4, 4);
        var initial = first.Loan.Parameters[0];
        first.Sends(reward: 1);
        second.Collects(reward: 2);

        first.IsAsked(4, 4);
        second.IsAsked(4, 4);
        Settle(learner);
        Assert.Equal(initial, first.Loan.Parameters[0]);
        Assert.Single(algorithm.Batches);
        first.Sends(reward: 3);
        second.Sends(reward: 4);

        first.IsAsked(4, 4);
        Assert.Equal(initial + 1, first.Loan.Parameters[0]);
        Settle(learner);
        Assert.Equal([3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4], algorithm.Batches[1]);
    }

    [Fact]
    public void What_was_collected_ahead_is_learned_from_after_the_evaluation()
    {
        var learner = Start(Settings(evaluationInterval: 16), sendsAhead: true);
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.Collects();
        second.Collects();
        var request = parent.FishForMessage<EvaluatePolicy>(_ => true);
        first.Collects();
        second.Collects();
        first.IsAskedNothing(learner);
        Assert.Single(algorithm.Batches);

        learner.Tell(new PolicyEvaluated(request, new EvaluationResult(3, 10, 0, 10, 10)));

        first.IsAsked(4, 4);
        Settle(learner);
        Assert.Equal(2, algorithm.Batches.Count);
    }

    [Fact]
    public void Workers_that_are_sent_ahead_make_exactly_the_steps_of_the_run()
    {
        var learner = Start(Settings(totalSteps: 16 + 6), sendsAhead: true);
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.Collects();
        second.Collects();
        first.IsAsked(2, 2);
        second.IsAsked(1, 1);
        first.Sends();
        second.Sends();

        Assert.Equal(22, parent.FishForMessage<ProgressReported>(_ => true).GlobalStep);
        Assert.Equal(StopReasons.Completed, parent.FishForMessage<TrainingEnded>(_ => true).Reason);
        first.IsAskedNothing(learner);
        second.IsAskedNothing(learner);
    }

    [Fact]
    public void A_snapshot_is_taken_between_two_batches_and_waits_for_a_worker_that_is_replaced_meanwhile()
    {
        var learner = Start(Settings(), Snapshots());
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        first.Collects();
        second.Collects();
        first.IsCaptured();
        var restarted = Attach(learner, 1, life: 1);
        first.IsAskedNothing(learner);

        restarted.IsCaptured();

        var captured = parent.FishForMessage<StateCaptured>(_ => true);
        Assert.Equal((16, true, 16), (captured.GlobalStep, captured.IsExact, captured.State.Whole("global-step")));
        first.IsAsked(4, 4);
        restarted.IsAsked(4, 4);
    }

    [Fact]
    public void A_run_that_is_stopped_in_the_middle_of_a_batch_ends_after_it_with_a_snapshot()
    {
        var learner = Start(Settings(), Snapshots());
        var (first, second) = (Attach(learner, 0), Attach(learner, 1));
        learner.Tell(new EndTraining(StopReasons.Stopped));
        Settle(learner);
        Assert.False(parent.HasMessages);

        first.Collects();
        second.Collects();
        first.IsCaptured();
        second.IsCaptured();

        Assert.Equal(16, parent.ExpectMsg<StateCaptured>().GlobalStep);
        Assert.Equal(StopReasons.Stopped, parent.FishForMessage<TrainingEnded>(_ => true).Reason);
    }

    [Fact]
    public void A_run_that_failed_ends_at_once_and_is_not_kept()
    {
        var learner = Start(Settings(), Snapshots());
        learner.Tell(new EndTraining(StopReasons.Failed));
        Assert.Equal(StopReasons.Failed, parent.ExpectMsg<TrainingEnded>().Reason);
    }

    [Fact]
    public void A_worker_that_attaches_to_a_former_life_of_the_learner_is_asked_nothing()
    {
        var snapshots = Snapshots();
        snapshots.Incarnation = 2;
        var learner = Start(Settings(), snapshots);
        Attach(learner, 0).IsAskedNothing(learner);
    }

    private static LearnerSnapshots Snapshots() =>
        new(new SnapshotSettings { IntervalSteps = 16, IntervalTime = TimeSpan.FromHours(1) }, isExact: true) { IsOn = true };

    private static RunSettings Settings(long totalSteps = 1000, long evaluationInterval = 0) => TinyRun.Settings with
    {
        Algorithm = "a2c",
        Workers = 2,
        TotalSteps = totalSteps,
        A2C = new A2CSettings { EnvsPerWorker = 2, RolloutSteps = 4 },
        Evaluation = new EvaluationSettings { IntervalSteps = evaluationInterval, Episodes = 3 },
    };

    private IActorRef Start(RunSettings settings, LearnerSnapshots? snapshots = null, bool sendsAhead = false)
    {
        var plan = new RunPlan(settings, TinyRun.CartPole);
        var policy = (ActorCriticPolicy)plan.Policy;
        var size = BatchSize.Of(plan, settings.A2C, wholeEpisodes: false);
        var (training, evaluations, clock) =
            (new RolloutTraining(plan, policy, settings.A2C, size, () => algorithm, size.Rows), new EvaluationHistory(475), new RunClock(TimeProvider.System));
        return parent.ChildActorOf(Props.Create(() => new RolloutLearner(settings, training, evaluations, clock, snapshots, sendsAhead)));
    }

    private FakeWorker Attach(IActorRef learner, int worker, int life = 0)
    {
        var fake = new FakeWorker(this, learner, CreateTestProbe(), worker, life);
        learner.Tell(new AttachRolloutWorker(fake.Loan));
        return fake;
    }

    private void Settle(IActorRef learner)
    {
        var fence = CreateTestProbe();
        learner.Tell(new Identify(null), fence);
        fence.ExpectMsg<ActorIdentity>();
    }

    /// <summary>Notes the rewards of each batch and learns nothing, or the same each time.</summary>
    private sealed class RecordingAlgorithm : IRolloutAlgorithm
    {
        public List<float[]> Batches { get; } = [];

        public float AddsToParameters { get; set; }

        public void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random)
        {
            Batches.Add(batch.Rewards[..batch.Count]);
            descent.Parameters[0] += AddsToParameters;
        }
    }

    private sealed class FakeWorker(RolloutLearnerTests kit, IActorRef learner, TestProbe probe, int worker, int life)
    {
        public RolloutLoan Loan { get; } = new(worker, life, probe, Parameters, new Rollout(2, 4, 4, 1, 2));

        private static int Parameters { get; } = new RunPlan(Settings(), TinyRun.CartPole).Layout.Count;

        public void IsAsked(params int[] steps)
        {
            Assert.Same(Loan, probe.ExpectMsg<CollectRollout>().Loan);
            Assert.Equal(steps, Loan.Rollout.Steps);
        }

        public void IsAskedNothing(IActorRef learner)
        {
            kit.Settle(learner);
            Assert.False(probe.HasMessages);
        }

        /// <summary>Asserts that its state is asked for, and gives it.</summary>
        public void IsCaptured() => learner.Tell(new WorkerCaptured(worker, life, probe.ExpectMsg<CaptureWorker>().Incarnation, [1]));

        public void Sends(float reward = 1)
        {
            Loan.Rollout.Rewards.AsSpan().Fill(reward);
            learner.Tell(new RolloutCollected(Loan));
        }

        public void Collects(float reward = 1)
        {
            Assert.Same(Loan, probe.ExpectMsg<CollectRollout>().Loan);
            Sends(reward);
        }
    }
}
