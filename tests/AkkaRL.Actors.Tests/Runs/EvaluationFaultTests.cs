using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>One worker in deterministic mode: env 1 is looked at, env 2 trains, envs from 3 on are the evaluators'.</summary>
public class EvaluationFaultTests
{
    private const int FirstEvaluationEnv = 3;

    /// <summary>Episodes are as long as rollouts, so that evaluations are due at exact steps.</summary>
    private const int RolloutSteps = 5;

    private static readonly RunSettings Settings = TinyRun.Settings with
    {
        Deterministic = true,
        TotalSteps = 100,
        A3C = new() { RolloutSteps = RolloutSteps },
        Evaluation = new EvaluationSettings { IntervalSteps = 20, Episodes = 1, FinalEpisodes = 1, Timeout = TimeSpan.FromSeconds(30) },
    };

    [Fact]
    public async Task An_env_that_throws_fails_that_evaluation_and_no_other()
    {
        using var envs = new FaultyEnvs { EpisodeSteps = RolloutSteps, OnStep = call => call.Env == FirstEvaluationEnv ? Fault.Throw : Fault.None };
        var (summary, steps, faults) = await RunAsync(envs, Settings);
        Assert.Equal([40, 60, 80, 100], steps);
        Assert.Equal((StopReasons.Completed, new FaultCounts(EnvironmentFaults: 1)), (summary.StopReason, summary.Faults));
        var fault = Assert.Single(faults);
        Assert.Equal((-1, FaultKind.Environment), (fault.Worker, fault.Kind));
        Assert.StartsWith($"An evaluation failed: The env {FaultyEnvs.Id} failed in Step", fault.Message, StringComparison.Ordinal);
        Assert.Equal(5, summary.Evaluation!.Mean);
    }

    [Fact]
    public async Task An_env_that_cannot_be_made_for_an_evaluation_fails_that_evaluation()
    {
        using var envs = new FaultyEnvs { EpisodeSteps = RolloutSteps, OnMake = call => call.Env == FirstEvaluationEnv ? Fault.Throw : Fault.None };
        var (summary, steps, faults) = await RunAsync(envs, Settings);
        Assert.Equal([40, 60, 80, 100], steps);
        Assert.Equal(new FaultCounts(EnvironmentFaults: 1), summary.Faults);
        Assert.Contains("failed in Create", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_env_that_fails_every_evaluation_leaves_a_run_without_any()
    {
        using var envs = new FaultyEnvs { EpisodeSteps = RolloutSteps, OnStep = call => call.Env >= FirstEvaluationEnv ? Fault.RewardNaN : Fault.None };
        var (summary, steps, _) = await RunAsync(envs, Settings);
        Assert.Empty(steps);
        Assert.Equal((StopReasons.Completed, 100), (summary.StopReason, summary.EnvironmentSteps));
        Assert.Equal(6, summary.Faults.EnvironmentFaults); // five in training, one of the last policy, which is the best as well
        Assert.Null(summary.Evaluation);
    }

    [Fact]
    public async Task An_env_that_hangs_in_an_evaluation_is_abandoned()
    {
        using var envs = new FaultyEnvs { EpisodeSteps = RolloutSteps, OnStep = call => call.Env == FirstEvaluationEnv ? Fault.Hang : Fault.None };
        var (summary, steps, faults) = await RunAsync(envs, Impatient(Settings));
        Assert.Equal((StopReasons.Completed, 100), (summary.StopReason, summary.EnvironmentSteps));
        Assert.DoesNotContain(20, steps);
        Assert.Contains("akkarl.evaluation.timeout (0.5 s)", faults[0].Message, StringComparison.Ordinal);
        Assert.Equal((-1, FaultKind.Stall), (faults[0].Worker, faults[0].Kind));
    }

    [Fact]
    public async Task An_env_that_hangs_in_the_final_evaluation_is_abandoned()
    {
        using var envs = new FaultyEnvs { EpisodeSteps = RolloutSteps, OnStep = call => call.Env == FirstEvaluationEnv ? Fault.Hang : Fault.None };
        var settings = Impatient(Settings);
        var (summary, _, _) = await RunAsync(envs, settings with { Evaluation = settings.Evaluation with { IntervalSteps = 0 } });
        Assert.Equal((StopReasons.Completed, 1), (summary.StopReason, summary.Faults.Stalls));
        Assert.Null(summary.Evaluation);
    }

    [Fact]
    public async Task The_answer_of_an_evaluator_that_was_abandoned_comes_too_late()
    {
        // The first evaluator hangs until it has been abandoned, and then answers. The second waits until that answer has been sent.
        using var abandoned = new ManualResetEventSlim();
        using var answered = new ManualResetEventSlim();
        using var envs = new FaultyEnvs
        {
            EpisodeSteps = RolloutSteps,
            OnStep = call =>
            {
                if (call is { Env: FirstEvaluationEnv, Number: 1 })
                    abandoned.Wait();
                if (call is { Env: FirstEvaluationEnv + 1, Number: 1 })
                    answered.Wait();
                return Fault.None;
            },
            OnDispose = env =>
            {
                if (env == FirstEvaluationEnv)
                    answered.Set();
            },
        };
        var (summary, steps, faults) = await RunAsync(envs, Impatient(Settings), fault => abandoned.Set());
        Assert.DoesNotContain(20, steps);
        Assert.Equal(steps.Distinct(), steps);
        Assert.Equal((StopReasons.Completed, faults.Count), (summary.StopReason, summary.Faults.Stalls));
    }

    private static RunSettings Impatient(RunSettings settings) =>
        settings with { Evaluation = settings.Evaluation with { Timeout = TimeSpan.FromMilliseconds(500) } };

    private static async Task<(RunSummary Summary, List<long> EvaluatedSteps, List<FaultReported> Faults)> RunAsync(
        FaultyEnvs envs, RunSettings settings, Action<FaultReported>? onFault = null)
    {
        var (steps, faults) = (new List<long>(), new List<FaultReported>());
        var result = await TinyRun.StartAsync(settings, envs.Spec, happened =>
        {
            if (happened is EvaluationReported evaluation)
                steps.Add(evaluation.GlobalStep);
            if (happened is not FaultReported fault)
                return;
            faults.Add(fault);
            onFault?.Invoke(fault);
        });
        return (result.Summary, steps, faults);
    }
}
