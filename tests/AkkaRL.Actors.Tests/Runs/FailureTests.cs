using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>What must not happen, and what becomes of the run when it does.</summary>
public class FailureTests() : TestKit(KitConfig.RunDispatchers)
{
    [Fact]
    public async Task A_learner_that_throws_too_often_ends_the_run_with_what_it_threw()
    {
        using var envs = new FaultyEnvs();
        var settings = TinyRun.Settings with { TotalSteps = long.MaxValue, Faults = TinyRun.Settings.Faults with { Budget = 0 } };
        var result = await RunAsync(envs, settings, "learner", new Gradients.ApplyGradient(new GradientLoan(99, 0, ActorRefs.Nobody, 1)));
        Assert.Equal(StopReasons.Failed, result.Summary.StopReason);
        Assert.Contains("The learner threw IndexOutOfRangeException", result.Summary.StopDetail, StringComparison.Ordinal);
        Assert.Equal(1, result.Summary.Faults.LearnerFaults);
    }

    [Fact]
    public async Task A_worker_pool_that_throws_ends_the_run_with_what_it_threw()
    {
        using var envs = new FaultyEnvs();
        var result = await RunAsync(envs, TinyRun.Settings with { TotalSteps = long.MaxValue }, "workers", new Supervision.Pong(99, 0));
        Assert.Equal(StopReasons.Failed, result.Summary.StopReason);
        Assert.StartsWith("The worker pool threw KeyNotFoundException", result.Summary.StopDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stall_timeout_too_short_for_any_worker_ends_the_run_rather_than_hang_it()
    {
        using var envs = new FaultyEnvs { OnReset = _ => Fault.Hang };
        var settings = TinyRun.Settings with { Faults = TinyRun.Settings.Faults with { StallTimeout = TimeSpan.FromTicks(1), Budget = 3 } };
        Assert.Equal(StopReasons.Failed, (await TinyRun.StartAsync(settings, envs.Spec)).Summary.StopReason);
    }

    /// <summary>Starts a run in the test's own actor system and sends one of its actors something that it cannot take.</summary>
    private async Task<RunResult> RunAsync(FaultyEnvs envs, RunSettings settings, string actor, object poison)
    {
        var completion = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var plan = new RunPlan(settings, envs.Spec);
        var run = Sys.ActorOf(Props.Create(() => new RunSupervisor(plan, null, completion, TimeProvider.System)));
        run.Tell(new Identify(null), TestActor);
        ExpectMsg<ActorIdentity>();
        Sys.ActorSelection(run.Path / actor).Tell(poison);
        return await completion.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
