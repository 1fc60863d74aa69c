using Akka.Actor;
using Akka.TestKit;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>
/// A parameter server between probes: one for its parent, one for each worker. Three parameters, all 0 at the start; rollouts of
/// <see cref="RolloutSteps"/>; the learning rate is 1, so that θ is minus the sum of the gradients applied.
/// </summary>
internal sealed class LearnerHarness
{
    public const int RolloutSteps = 5;

    private const int ParameterCount = 3;

    private readonly TestKitBase kit;
    private readonly TestProbe fence;

    public LearnerHarness(TestKitBase kit, RunSettings settings, double? solvedAt = null, long? targetInterval = null)
    {
        this.kit = kit;
        fence = kit.CreateTestProbe();
        Parent = kit.CreateTestProbe();
        Target = kit.CreateTestProbe();
        Global = new GlobalParameters(new float[ParameterCount], Optimizer, LearningRateSchedule.Constant(1), settings, targetInterval);
        Evaluations = new EvaluationHistory(solvedAt);
        var (global, evaluations, clock) = (Global, Evaluations, new RunClock(Time));
        var target = targetInterval is null ? null : (IActorRef)Target;
        Server = Parent.ChildActorOf(Props.Create(() => new ParameterServer(settings, global, evaluations, clock, RolloutSteps, null, target)));
    }

    public TestProbe Parent { get; }

    /// <summary>The target network, where there is an interval for it.</summary>
    public TestProbe Target { get; }

    public IActorRef Server { get; }

    public GlobalParameters Global { get; }

    public EvaluationHistory Evaluations { get; }

    public RecordingOptimizer Optimizer { get; } = new();

    public ManualTime Time { get; } = new();

    /// <summary>Settings for the harness: no reports or evaluations unless a test asks for them.</summary>
    public static RunSettings Settings(int workers = 1, long totalSteps = 1000) => new()
    {
        Workers = workers,
        TotalSteps = totalSteps,
        Evaluation = new EvaluationSettings { IntervalSteps = 0, Episodes = 3 },
        Metrics = new MetricsSettings { IntervalSteps = long.MaxValue },
    };

    /// <summary>Begins a life of a worker.</summary>
    public FakeWorker Attach(int worker, int life = 0)
    {
        var probe = kit.CreateTestProbe();
        var fake = new FakeWorker(this, probe, new GradientLoan(worker, life, probe, ParameterCount));
        Server.Tell(new Gradients.AttachWorker(fake.Loan));
        return fake;
    }

    /// <summary>Returns when the server has handled all it was sent; whatever it told anybody has arrived by then.</summary>
    public void Settle()
    {
        Server.Tell(new Identify(null), fence);
        fence.ExpectMsg<ActorIdentity>();
    }

    /// <summary>Asserts that the server told its parent nothing that was not expected yet.</summary>
    public void ParentHearsNothing()
    {
        Settle();
        Assert.False(Parent.HasMessages);
    }
}

/// <summary>A worker whose rollouts a test writes.</summary>
internal sealed class FakeWorker(LearnerHarness harness, TestProbe probe, GradientLoan loan)
{
    public GradientLoan Loan => loan;

    /// <summary>Asserts that a rollout of so many steps was granted, with the server's parameters.</summary>
    public void IsGranted(int steps)
    {
        Assert.Same(loan, probe.ExpectMsg<Gradients.RolloutGranted>().Loan);
        Assert.Equal(steps, loan.Steps);
    }

    /// <summary>Asserts that nothing was granted.</summary>
    public void IsGrantedNothing()
    {
        harness.Settle();
        Assert.False(probe.HasMessages);
    }

    /// <summary>Sends a gradient, as many steps as granted unless said otherwise.</summary>
    public void Sends(float gradient, int? steps = null, double norm = 1, FinishedEpisode? episode = null)
    {
        Array.Fill(loan.Vector, gradient);
        loan.Steps = steps ?? loan.Steps;
        loan.Losses = new(1, 2, 3, norm);
        loan.Episode = episode;
        harness.Server.Tell(new Gradients.ApplyGradient(loan));
    }
}
