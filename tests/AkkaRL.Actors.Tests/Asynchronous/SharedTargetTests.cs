using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Targets;

namespace AkkaRL.Actors.Tests.Asynchronous;

/// <summary>The target network that the workers of the asynchronous shape share, seen from the parameter server and from a worker.</summary>
public class SharedTargetTests() : TestKit(KitConfig.Patient)
{
    [Fact]
    public void A_worker_is_given_the_very_version_that_its_grant_named()
    {
        var target = Sys.ActorOf(Props.Create(() => new SharedTarget(3)));
        for (var version = 0; version < 5; version++)
            target.Tell(Moved(1, version));
        Assert.Equal([2, 3, 4], new[] { 2, 3, 4 }.Select(version => Fetched(target, 1, version).Target.Version));
    }

    [Fact]
    public void A_version_that_is_forgotten_is_answered_with_the_newest()
    {
        var target = Sys.ActorOf(Props.Create(() => new SharedTarget(2)));
        for (var version = 0; version < 3; version++)
            target.Tell(Moved(1, version));
        var answer = Fetched(target, 1, 0);
        Assert.Equal((0, 2), (answer.Version, answer.Target.Version));
    }

    [Fact]
    public void Versions_of_a_former_life_of_the_learner_are_forgotten_and_not_asked_for_with_success()
    {
        var target = Sys.ActorOf(Props.Create(() => new SharedTarget(3)));
        target.Tell(Moved(1, 0));
        target.Tell(Moved(1, 1));
        var second = Moved(2, 1);
        target.Tell(second);
        target.Tell(new FetchTarget(1, 1), TestActor);
        Assert.Same(second.Target, Fetched(target, 2, 1).Target); // the first message that arrives
    }

    [Fact]
    public void One_that_was_made_anew_answers_nobody_before_it_is_told_what_to_go_on_from()
    {
        var target = Sys.ActorOf(Props.Create(() => new SharedTarget(3))); // the guardian makes it anew
        target.Tell(Moved(1, 0));
        target.Tell(new MoveTarget(1, null!));
        target.Tell(new FetchTarget(1, 1), TestActor); // throws
        target.Tell(new FetchTarget(1, 0), TestActor);
        var second = Moved(2, 0);
        target.Tell(second);
        Assert.Same(second.Target, Fetched(target, 2, 0).Target); // the first message that arrives
    }

    [Fact]
    public void The_parameter_server_says_when_the_target_moves_and_every_grant_names_its_version()
    {
        var learner = new LearnerHarness(this, LearnerHarness.Settings(workers: 2), targetInterval: 10);
        Assert.Equal(0, learner.Target.ExpectMsg<MoveTarget>().Target.Version);
        var (one, other) = (learner.Attach(0), learner.Attach(1));
        one.IsGranted(5);
        other.IsGranted(5);
        Assert.Equal((0, 0), (one.Loan.TargetVersion, one.Loan.GlobalStep));
        one.Sends(1);
        one.IsGranted(5);
        Assert.Equal((0, 5), (one.Loan.TargetVersion, one.Loan.GlobalStep));
        other.Sends(1);
        other.IsGranted(5);
        Assert.Equal((1, 10), (other.Loan.TargetVersion, other.Loan.GlobalStep));
        var moved = learner.Target.ExpectMsg<MoveTarget>();
        Assert.Equal((0, 1), (moved.Incarnation, moved.Target.Version));
        Assert.Equal([-2, -2, -2], moved.Target.Values.ToArray());
        one.Sends(1);
        one.IsGranted(5);
        Assert.Equal([-2, -2, -2], moved.Target.Values.ToArray()); // nobody changes it
    }

    [Fact]
    public void A_worker_fetches_each_version_once_and_works_when_it_has_it()
    {
        var (server, target, plan) = (CreateTestProbe(), CreateTestProbe(), Plan());
        var algorithm = AsynchronousAlgorithm.Q(plan, plan.Settings.AsyncOneStepQ, Models.Algorithms.OneStepQ.Worker);
        var worker = Sys.ActorOf(Props.Create(() => new GradientWorker(plan, algorithm.MakeWorker, 0, 0, server, target, 1, null)));
        var loan = server.ExpectMsg<Gradients.AttachWorker>().Loan;
        var parameters = plan.InitialParameters();

        Grant(version: 3);
        target.ExpectMsg(new FetchTarget(1, 3));
        target.Reply(new TargetFetched(1, 2, new TargetParameters(2, parameters))); // not what it waits for
        worker.Tell(new Identify(null), server);
        server.ExpectMsg<ActorIdentity>();
        target.Reply(new TargetFetched(1, 3, new TargetParameters(3, parameters)));
        Assert.Same(loan, server.ExpectMsg<Gradients.ApplyGradient>().Loan);
        Assert.Equal(5, loan.Steps);
        Grant(version: 3);
        server.ExpectMsg<Gradients.ApplyGradient>();
        Assert.False(target.HasMessages);
        Grant(version: 4);
        target.ExpectMsg(new FetchTarget(1, 4));

        void Grant(long version)
        {
            parameters.CopyTo(loan.Vector, 0);
            (loan.Steps, loan.Incarnation, loan.TargetVersion) = (5, 1, version);
            worker.Tell(new Gradients.RolloutGranted(loan));
        }
    }

    private static RunPlan Plan() => new(TinyRun.Settings with { Algorithm = "async-one-step-q" }, TinyRun.CartPole);

    private static MoveTarget Moved(long incarnation, long version) => new(incarnation, new TargetParameters(version, new float[1]));

    private TargetFetched Fetched(IActorRef target, long incarnation, long version)
    {
        target.Tell(new FetchTarget(incarnation, version), TestActor);
        return ExpectMsg<TargetFetched>();
    }
}
