using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Synchronous;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;
using static AkkaRL.Actors.Protocol.Rollouts;

namespace AkkaRL.Actors.Tests.Synchronous;

/// <summary>What a worker records of a policy with a memory is what the learner computes of it.</summary>
public sealed class RecurrentRolloutTests() : TestKit(KitConfig.Patient)
{
    private const int Envs = 3, Steps = 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_learner_that_runs_the_sequences_again_finds_what_the_worker_acted_by(bool wholeEpisodes)
    {
        var settings = TinyRun.Settings with
        {
            Algorithm = "ppo",
            Network = new NetworkSettings { Hidden = [4], Recurrent = RecurrentKind.LSTM, RecurrentUnits = 5 },
            PPO = new PPOSettings { EnvsPerWorker = Envs, RolloutSteps = Steps, MinibatchSize = Steps },
        };
        // Poles that fall after some ten steps, and episodes that are cut off after 12: both kinds of end in a rollout.
        var plan = new RunPlan(settings, TinyRun.CartPole with { MaximumEpisodeSteps = 12 });
        var policy = (ActorCriticPolicy)plan.Policy;
        var size = new BatchSize(1, Envs, Steps, wholeEpisodes);
        var worker = Sys.ActorOf(Props.Create(() => new RolloutWorker(plan, policy, size, 0, 0, TestActor, 0, null)));
        var loan = ExpectMsg<AttachRolloutWorker>(TimeSpan.FromMinutes(1)).Loan;
        var random = new RandomStream(4);
        foreach (ref var parameter in loan.Parameters.AsSpan())
            parameter = 0.5f * (float)random.NextNormal();
        using var network = plan.MakeNetwork(Envs * (Steps + 1));
        network.Load(loan.Parameters);

        var ends = (Terminated: 0, Truncated: 0);
        for (var round = 0; round < 4; round++)
        {
            Array.Fill(loan.Rollout.Steps, Steps);
            worker.Tell(new CollectRollout(loan));
            Assert.Same(loan, ExpectMsg<RolloutCollected>(TimeSpan.FromMinutes(1)).Loan);
            Assert.Equal(round == 0 || wholeEpisodes, loan.Rollout.InitialStates.All(value => value == 0));
            Check(loan.Rollout, network, policy);
            ends.Terminated += loan.Rollout.Terminated.Count(end => end);
            ends.Truncated += loan.Rollout.Truncated.Count(end => end);
        }
        Assert.True(ends is { Terminated: > 0, Truncated: > 0 });
    }

    private static void Check(Rollout rollout, INetwork network, ActorCriticPolicy policy)
    {
        var batch = new RolloutBatch(Envs * Steps, rollout.ObservationSize, rollout.ActionSize, rollout.PolicySize, policy.Network.StateSize);
        batch.Append(rollout);
        var outputs = network.Forward(
            batch.Observations.AsSpan(0, batch.Count * rollout.ObservationSize),
            new Sequences([.. batch.Segments.Select(segment => segment.Steps)],
                batch.History!.InitialStates.AsSpan(0, Envs * policy.Network.StateSize), batch.History.Begins.AsSpan(0, batch.Count))).ToArray();
        var columns = new float[rollout.PolicySize];
        for (var row = 0; row < batch.Count; row++)
        {
            var output = outputs.AsSpan(row * policy.Network.Outputs, policy.Network.Outputs);
            policy.Outputs.GatherPolicy(output, columns);
            Assert.Equal(batch.Behaviour(row).ToArray(), columns, (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.Equal(batch.Values[row], policy.Outputs.Value(output), 1e-5f);
        }
    }

    [Fact]
    public void The_value_that_a_rollout_ends_at_is_that_of_the_step_that_follows()
    {
        var settings = TinyRun.Settings with
        {
            Algorithm = "ppo",
            Network = new NetworkSettings { Hidden = [4], Recurrent = RecurrentKind.LSTM, RecurrentUnits = 5 },
            PPO = new PPOSettings { EnvsPerWorker = Envs, RolloutSteps = 4, MinibatchSize = 4 },
        };
        var plan = new RunPlan(settings, TinyRun.CartPole); // no pole falls within 8 steps
        var worker = Sys.ActorOf(Props.Create(() => new RolloutWorker(plan, (ActorCriticPolicy)plan.Policy, new BatchSize(1, Envs, 4, false), 0, 0, TestActor, 0, null)));
        var loan = ExpectMsg<AttachRolloutWorker>(TimeSpan.FromMinutes(1)).Loan;
        var random = new RandomStream(4);
        foreach (ref var parameter in loan.Parameters.AsSpan())
            parameter = 0.5f * (float)random.NextNormal();

        Collect();
        var bootstrap = loan.Rollout.BootstrapValues.ToArray();
        Collect();

        Assert.DoesNotContain(true, loan.Rollout.Terminated);
        Assert.Equal(bootstrap, Enumerable.Range(0, Envs).Select(env => loan.Rollout.Values[env * 4]), (a, b) => Math.Abs(a - b) < 1e-5);

        void Collect()
        {
            Array.Fill(loan.Rollout.Steps, 4);
            worker.Tell(new CollectRollout(loan));
            ExpectMsg<RolloutCollected>(TimeSpan.FromMinutes(1));
        }
    }
}
