using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Tests.Runs;

/// <summary>A run that is stopped while its learner fails.</summary>
public class StopRequestTests
{
    [Theory]
    [InlineData("a3c")]
    [InlineData("async-sarsa")]
    [InlineData("ppo")]
    [InlineData("dqn")]
    public async Task A_learner_that_throws_between_the_request_and_the_end_does_not_lose_the_request(string algorithm)
    {
        var settings = KeptRun.Settings with
        {
            Algorithm = algorithm,
            DQN = new DQNSettings { BatchSize = 8, LearningStarts = 100, TrainInterval = 4 },
            Snapshots = new SnapshotSettings { IntervalTime = TimeSpan.FromHours(1) },
        };
        // Nothing is captured before the end: the learner has heard of the request when a worker's env is, and waits for that.
        var captures = 0;
        KeptRun run = null!;
        run = new KeptRun
        {
            OnStep = step => { if (step == 1_000) run.Stop.Cancel(); },
            OnCapture = () => { if (Interlocked.Increment(ref captures) == 1) KeptRun.BreakLearner(); },
        };
        using (run)
        {
            var summary = await run.StartAsync(settings);
            Assert.Equal((StopReasons.Stopped, 1), (summary.StopReason, summary.Faults.LearnerFaults));
            Assert.True(captures > 1);
        }
    }
}
