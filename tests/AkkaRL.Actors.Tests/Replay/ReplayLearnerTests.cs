using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Replay;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;
using static AkkaRL.Actors.Protocol.Experience;

namespace AkkaRL.Actors.Tests.Replay;

/// <summary>The learner between probes: its parent, a worker, the replay and the target network.</summary>
public class ReplayLearnerTests : TestKit
{
    [Fact]
    public void A_round_is_stored_before_anything_is_sampled_and_answered_with_the_updates_parameters()
    {
        var learner = new Harness(this, new DQNSettings { BatchSize = 4, LearningStarts = 4, TrainInterval = 4, UpdatesPerInterval = 2, TargetInterval = 1 });
        var worker = learner.Attach(0);
        learner.WarmsUp(worker);
        worker.MakesSteps(4);
        var store = learner.Replay.ExpectMsg<StoreTransitions>();
        learner.Replay.Reply(store.Loan.Stored);
        learner.LearnsOnce();
        // With a target that moves after every update, nothing is judged before the move.
        Assert.Equal([1f], learner.Target.ExpectMsg<TrackParameters>().Parameters[..1]);
        learner.LearnsOnce();
        Assert.Equal([2f], learner.Target.ExpectMsg<TrackParameters>().Parameters[..1]);
        Assert.Equal(2, worker.MakesSteps(4).Parameters[0]);
    }

    [Fact]
    public void Minibatches_are_judged_ahead_only_as_far_as_the_target_stands_still()
    {
        var learner = new Harness(this, new DQNSettings { BatchSize = 4, LearningStarts = 4, TrainInterval = 4, UpdatesPerInterval = 4, TargetInterval = 2 });
        var worker = learner.Attach(0);
        learner.WarmsUp(worker);
        worker.MakesSteps(4);
        learner.Replay.ExpectMsg<StoreTransitions>();
        var (first, second) = (learner.Samples(), learner.Samples());
        Assert.Same(first, learner.Target.ExpectMsg<EvaluateTargets>().Minibatch);
        Assert.Same(second, learner.Target.ExpectMsg<EvaluateTargets>().Minibatch);
        learner.Target.Reply(new TargetsEvaluated(first));
        Assert.Same(first, learner.Samples()); // the third minibatch, in the first one's arrays
        learner.Settle();
        Assert.False(learner.Target.HasMessages); // it waits: the target moves after the second update
        learner.Target.Reply(new TargetsEvaluated(second));
        learner.Target.ExpectMsg<TrackParameters>();
        Assert.Same(first, learner.Target.ExpectMsg<EvaluateTargets>().Minibatch);
    }

    [Fact]
    public void A_prioritized_replay_hears_of_each_update_before_it_samples_for_the_next()
    {
        var learner = new Harness(this, new DQNSettings { BatchSize = 4, LearningStarts = 4, TrainInterval = 4, UpdatesPerInterval = 2, Prioritized = true });
        var worker = learner.Attach(0);
        learner.WarmsUp(worker);
        worker.MakesSteps(4);
        learner.Replay.ExpectMsg<StoreTransitions>();
        learner.LearnsOnce();
        learner.Replay.ExpectMsg<Prioritize>();
        learner.LearnsOnce();
        learner.Replay.ExpectMsg<Prioritize>();
    }

    [Fact]
    public void Transitions_are_stored_in_the_workers_order_whoever_comes_first()
    {
        var learner = new Harness(this, new DQNSettings { BatchSize = 4, LearningStarts = 100, TrainInterval = 4 }, workers: 2);
        var (first, second) = (learner.Attach(0), learner.Attach(1));
        second.MakesSteps(2);
        learner.Settle();
        Assert.False(learner.Replay.HasMessages);
        first.MakesSteps(2);
        Assert.Equal(0, learner.Replay.ExpectMsg<StoreTransitions>().Loan.Worker);
        Assert.Equal(1, learner.Replay.ExpectMsg<StoreTransitions>().Loan.Worker);
    }

    [Fact]
    public void A_former_lifes_steps_are_refused_and_granted_anew()
    {
        var learner = new Harness(this, new DQNSettings { BatchSize = 4, LearningStarts = 100, TrainInterval = 4 });
        var former = learner.Attach(0);
        var late = former.IsGranted(4);
        var next = learner.Attach(0, life: 1);
        learner.Learner.Tell(late.Made);
        learner.Settle();
        Assert.False(learner.Replay.HasMessages);
        next.MakesSteps(4);
        Assert.Equal(1, learner.Replay.ExpectMsg<StoreTransitions>().Loan.Life);
    }

    [Fact]
    public void A_replay_that_stops_takes_the_learner_with_it()
    {
        var learner = new Harness(this, new DQNSettings { BatchSize = 4, LearningStarts = 4 });
        Watch(learner.Learner);
        Sys.Stop(learner.Replay);
        ExpectTerminated(learner.Learner);
    }

    private sealed class Harness
    {
        private readonly TestKitBase kit;
        private readonly TestProbe fence;
        private readonly int size;

        public Harness(TestKitBase kit, DQNSettings hyperparameters, int workers = 1)
        {
            this.kit = kit;
            (fence, Replay, Target) = (kit.CreateTestProbe(), kit.CreateTestProbe(), kit.CreateTestProbe());
            var settings = TinyRun.Settings with { Algorithm = "dqn", Workers = workers, DQN = hyperparameters, TotalSteps = 1000 };
            var plan = new RunPlan(settings, TinyRun.CartPole);
            size = plan.Layout.Count;
            var rounds = new ReplayRounds(hyperparameters, workers, settings.TotalSteps);
            var (replay, target) = (Replay, Target);
            var (evaluations, clock) = (new EvaluationHistory(null), new RunClock(new ManualTime()));
            Func<IReplayUpdate> makeUpdate = () => new CountingUpdate(plan.Layout.Count);
            Func<Minibatch> makeMinibatch = () => new Minibatch(hyperparameters.BatchSize, 4, 1, 2);
            var parent = kit.CreateTestProbe();
            Learner = parent.ChildActorOf(
                Props.Create(() => new ReplayLearner(plan, hyperparameters, rounds, makeUpdate, makeMinibatch, evaluations, clock, replay, target)), SupervisorStrategy.StoppingStrategy);
        }

        public TestProbe Replay { get; }

        public TestProbe Target { get; }

        public IActorRef Learner { get; }

        public Worker Attach(int worker, int life = 0)
        {
            var probe = kit.CreateTestProbe();
            var loan = new ExperienceLoan(worker, life, probe, size, new TransitionBatch(8, 4, 1), 8);
            Learner.Tell(new Experience.AttachWorker(loan));
            return new Worker(probe, Learner);
        }

        /// <summary>The round before learning starts, which is stored and nothing more.</summary>
        public void WarmsUp(Worker worker)
        {
            worker.MakesSteps(4);
            Replay.Reply(Replay.ExpectMsg<StoreTransitions>().Loan.Stored);
        }

        /// <summary>Answers a wish for a minibatch.</summary>
        public Minibatch Samples()
        {
            var minibatch = Replay.ExpectMsg<SampleMinibatch>().Minibatch;
            Replay.Reply(new MinibatchSampled(minibatch));
            return minibatch;
        }

        /// <summary>One minibatch's whole way, with what is asked ahead left aside.</summary>
        public void LearnsOnce()
        {
            Samples();
            Target.Reply(new TargetsEvaluated(Target.ExpectMsg<EvaluateTargets>().Minibatch));
        }

        public void Settle()
        {
            Learner.Tell(new Identify(null), fence);
            fence.ExpectMsg<ActorIdentity>();
        }
    }

    private sealed class Worker(TestProbe probe, IActorRef learner)
    {
        public ExperienceLoan IsGranted(int steps)
        {
            var loan = probe.ExpectMsg<StepsGranted>().Loan;
            Assert.Equal(steps, loan.Steps);
            return loan;
        }

        public ExperienceLoan MakesSteps(int steps)
        {
            var loan = IsGranted(steps);
            learner.Tell(loan.Made);
            return loan;
        }
    }

    /// <summary>Every parameter is the number of updates made.</summary>
    private sealed class CountingUpdate(int size) : IReplayUpdate
    {
        private readonly float[] parameters = new float[size];

        public ReadOnlySpan<float> Parameters => parameters;

        public bool TargetsStandAlone => true;

        public void Propose(Minibatch minibatch) { }

        public void Predict(Minibatch minibatch) { }

        public ActorCriticLosses Update(Minibatch minibatch, float learningRate)
        {
            foreach (ref var parameter in parameters.AsSpan())
                parameter++;
            return default;
        }

        public void Visit(IStateVisitor state) => state.Visit("parameters", parameters);

        public void Dispose() { }
    }
}
