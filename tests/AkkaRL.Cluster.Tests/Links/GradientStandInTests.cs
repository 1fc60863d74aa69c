using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Protocol;
using AkkaRL.Models.Optimizers;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.Gradients;

namespace AkkaRL.Cluster.Tests.Links;

/// <summary>What a node makes of its workers' gradients, between a probe for its agent and probes for its workers. Rollouts of 5 steps, 2 parameters.</summary>
public sealed class GradientStandInTests : TestKit
{
    private const int RolloutSteps = 5;

    private readonly IActorRef standIn;

    public GradientStandInTests() : base("akka.loglevel = WARNING\nakka.test.single-expect-default = 20s")
    {
        var agent = TestActor;
        standIn = Sys.ActorOf(Props.Create(() => new GradientStandIn(agent, null, 3, RolloutSteps, new NodeParameters(new SgdMomentum(2, 0), 2))));
    }

    [Fact]
    public void A_worker_acts_with_the_parameters_of_the_grant()
    {
        var worker = Attach(0);
        standIn.Tell(Granted(stream: 0, version: 7, steps: 20));
        var loan = worker.ExpectMsg<RolloutGranted>().Loan;
        Assert.Equal((7, RolloutSteps, 3, 100), (loan.Version, loan.Steps, loan.Incarnation, loan.GlobalStep));
        Assert.Equal([7, 7], loan.Vector);
    }

    [Fact]
    public void A_gradient_changes_what_the_next_rollout_acts_with_at_once()
    {
        var worker = Attach(0);
        standIn.Tell(Granted(stream: 0, version: 7, steps: 20));
        Send(worker, gradient: 2, steps: 5);
        var loan = worker.ExpectMsg<RolloutGranted>().Loan;
        Assert.Equal([6, 6], loan.Vector);
        Assert.Equal(8, loan.Version);
    }

    [Fact]
    public void With_another_grant_at_hand_a_gradient_goes_at_once()
    {
        var worker = Attach(0);
        standIn.Tell(Granted(0, 7, 20));
        standIn.Tell(Granted(1, 8, 20));
        Send(worker, gradient: 2, steps: 5);
        var made = ExpectMsg<UpdatesMade>();
        Assert.Equal((0, 8, 1, 5), (made.Stream, made.Version, made.Updates, made.Steps));
        Assert.Equal([-1, -1], made.Change.ToArray()); // half of the gradient: the learning rate is 0.5
        Assert.Equal(9, worker.ExpectMsg<RolloutGranted>().Loan.Version);
    }

    [Fact]
    public void What_comes_while_the_other_grant_is_on_its_way_is_made()
    {
        var (one, two) = (Attach(0), Attach(1));
        standIn.Tell(Granted(0, 7, 40));
        Send(one, gradient: 1, steps: 5);
        Send(two, gradient: 2, steps: 3, episode: new(10, 8));
        Send(one, gradient: 6, steps: 5);
        standIn.Tell(Granted(1, 8, 40));
        Send(two, gradient: 3, steps: 5);
        ExpectNoMsgSoFar();
        Send(one, gradient: 3, steps: 5);
        var made = ExpectMsg<UpdatesMade>();
        Assert.Equal((0, 5, 23), (made.Stream, made.Updates, made.Steps));
        Assert.Equal([-7.5f, -7.5f], made.Change.ToArray());
        Assert.Equal(3, made.Losses.Entropy);
        Assert.Equal([new FinishedEpisode(10, 8)], made.Episodes);
    }

    [Fact]
    public void No_more_steps_are_given_than_were_granted_and_what_is_not_used_is_given_again()
    {
        var worker = Attach(0);
        standIn.Tell(Granted(0, 7, 8));
        Assert.Equal(5, Send(worker, 1, steps: 2));
        Assert.Equal(5, Send(worker, 1, steps: 5));
        Assert.Equal(1, Send(worker, 1, steps: 1));
        Assert.Equal(8, ExpectMsg<UpdatesMade>().Steps);
        Assert.False(worker.HasMessages);
    }

    [Fact]
    public void The_steps_of_a_lost_rollout_are_given_to_the_worker_s_next_life()
    {
        Attach(0).IgnoreMessages(_ => true);
        standIn.Tell(Granted(0, 7, 5));
        var next = Attach(0, life: 1);
        Assert.Equal(5, Send(next, 1, steps: 5));
        Assert.Equal(5, ExpectMsg<UpdatesMade>().Steps);
    }

    [Fact]
    public void A_gradient_of_a_former_life_changes_nothing()
    {
        var former = Attach(0);
        standIn.Tell(Granted(0, 7, 5));
        var lost = former.ExpectMsg<RolloutGranted>().Loan;
        var next = Attach(0, life: 1);
        lost.Losses = new(0, 0, 0, 1);
        standIn.Tell(new ApplyGradient(lost));
        Send(next, 4, steps: 5);
        var made = ExpectMsg<UpdatesMade>();
        Assert.Equal((1, 5), (made.Updates, made.Steps));
        Assert.Equal([-2, -2], made.Change.ToArray());
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_reported_and_its_steps_are_made_again()
    {
        var worker = Attach(0);
        standIn.Tell(Granted(0, 7, 5));
        Send(worker, float.NaN, steps: 5, norm: double.NaN);
        Assert.Equal(FaultKind.NonFiniteGradient, ExpectMsg<WorkerFaultedThere>().Kind);
        Send(worker, 2, steps: 5);
        Assert.Equal([-1, -1], ExpectMsg<UpdatesMade>().Change.ToArray());
    }

    [Fact]
    public void A_grant_whose_only_rollout_is_lost_when_it_is_closed_is_used_again()
    {
        var (one, two) = (Attach(0), Attach(1));
        standIn.Tell(Granted(0, 7, 5));
        one.ExpectMsg<RolloutGranted>();
        standIn.Tell(Granted(1, 8, 10)); // the first is used up, so that it is closed, with nothing to send yet
        standIn.Tell(new WorkerReleased(0));
        Send(two, 1, steps: 5);
        Assert.Equal(1, ExpectMsg<UpdatesMade>().Stream);
        Assert.Equal(5, Send(two, 1, steps: 5));
        Assert.Equal((0, 5), (ExpectMsg<UpdatesMade>() is var made ? (made.Stream, made.Steps) : default));
    }

    [Fact]
    public void What_has_changed_is_sent_at_the_precision_of_its_grant()
    {
        var worker = Attach(0);
        standIn.Tell(Granted(0, 7, 5) with { Precision = GradientPrecision.Half });
        Send(worker, gradient: 0.2f, steps: 5);
        var made = ExpectMsg<UpdatesMade>();
        Assert.Equal(GradientPrecision.Half, made.Precision);
        Assert.Equal((float)(Half)(-0.1f), made.Change.Span[0]);
        standIn.Tell(Granted(0, 7, 5));
        Send(worker, gradient: 0.2f, steps: 5);
        made = ExpectMsg<UpdatesMade>();
        Assert.Equal(GradientPrecision.Full, made.Precision);
        Assert.Equal(-0.2 - (float)(Half)(-0.1f), made.Change.Span[0], 1e-6); // with what the first has lost
    }

    private static GradientsGranted Granted(int stream, long version, int steps) => new(stream, version, 0, 100, steps, 0.5f, new float[] { version, version }, ReadOnlyMemory<float>.Empty);

    private Akka.TestKit.TestProbe Attach(int worker, int life = 0)
    {
        var probe = CreateTestProbe();
        standIn.Tell(new AttachWorker(new GradientLoan(worker, life, probe, 2)));
        Assert.Equal((worker, life), (ExpectMsg<WorkerAttached>() is var attached ? (attached.Worker, attached.Life) : default));
        return probe;
    }

    /// <summary>Makes a worker send a gradient; returns the steps that it was given.</summary>
    private int Send(Akka.TestKit.TestProbe worker, float gradient, int steps, double norm = 1, FinishedEpisode? episode = null)
    {
        var loan = worker.ExpectMsg<RolloutGranted>().Loan;
        var given = loan.Steps;
        Array.Fill(loan.Vector, gradient);
        (loan.Steps, loan.Losses, loan.Episode) = (steps, new(1, 2, 3, norm), episode);
        standIn.Tell(new ApplyGradient(loan));
        return given;
    }

    /// <summary>Asserts that the stand-in has told its agent nothing, all that it was sent being handled.</summary>
    private void ExpectNoMsgSoFar()
    {
        var probe = CreateTestProbe();
        standIn.Tell(new Identify(null), probe);
        probe.ExpectMsg<ActorIdentity>();
        Assert.False(HasMessages);
    }
}
