using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using static AkkaRL.Actors.Protocol.Experience;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Replay;

/// <summary>One worker of the replay shape: an env, the policy with its exploration, and random numbers of its own.</summary>
/// <remarks>
/// <para>Parent: the worker pool, which replaces it when it throws or stalls; the open episode's steps that are in no transition yet are lost then. Supervises nobody.</para>
/// <para>In: <see cref="StepsGranted"/>, <see cref="Ping"/>. Out: <see cref="AttachWorker"/>, <see cref="StepsMade"/> to the learner, <see cref="Pong"/>.</para>
/// <para>Runs on a thread of its own, one round a message. Hot path: a step allocates nothing.</para>
/// </remarks>
public sealed class ReplayWorker : ReceiveActor
{
    private readonly ActingPolicy policy;
    private readonly IActorRef learner;
    private readonly ExperienceLoan loan;
    private readonly Pong pong;
    private readonly IEnv env;
    private readonly IBehaviour behaviour;
    private readonly NStepTransitions steps;
    private readonly RandomStream random;
    private readonly float rewardScale;
    private readonly float[] action;
    private readonly float[] envAction;
    private float[] observation;
    private float[] nextObservation;
    private double episodeReturn;
    private int episodeLength;

    /// <summary>Made by the worker pool.</summary>
    /// <param name="plan">Network, env, random numbers.</param>
    /// <param name="algorithm">How it explores.</param>
    /// <param name="worker">Its number.</param>
    /// <param name="life">Which life of that worker this is.</param>
    /// <param name="learner">Whom it works for.</param>
    public ReplayWorker(RunPlan plan, ReplayAlgorithm algorithm, int worker, int life, IActorRef learner)
    {
        this.learner = learner;
        policy = plan.Policy;
        var settings = algorithm.Settings;
        rewardScale = (float)settings.RewardScale;
        random = plan.WorkerRandom(worker, life);
        env = plan.MakeEnv();
        behaviour = algorithm.MakeBehaviour();
        steps = new NStepTransitions(settings.NStep, (float)settings.Gamma, plan.ObservationSize, policy.ActionSize);
        var round = ReplayRounds.LargestShare(settings, plan.Settings.Workers);
        loan = new ExperienceLoan(worker, life, Self, plan.Layout.Count, new TransitionBatch(round + settings.NStep, plan.ObservationSize, policy.ActionSize), round);
        pong = new Pong(worker, life);
        observation = new float[plan.ObservationSize];
        nextObservation = new float[plan.ObservationSize];
        action = new float[policy.ActionSize];
        envAction = new float[plan.ActionSpace.Size];

        Receive<StepsGranted>(_ => MakeSteps());
        Receive<Ping>(_ => Sender.Tell(pong));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        env.Reset(random.NextBits(), observation);
        behaviour.BeginEpisode();
        learner.Tell(new AttachWorker(loan));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        env.Dispose();
        behaviour.Dispose();
    }

    private void MakeSteps()
    {
        behaviour.Load(loan.Parameters);
        loan.Transitions.Count = 0;
        loan.Episodes.Clear();
        for (var i = 0; i < loan.Steps; i++)
            MakeStep(loan.FirstStep + i);
        learner.Tell(loan.Made);
    }

    private void MakeStep(long globalStep)
    {
        behaviour.Act(observation, globalStep, random, action);
        policy.ToEnvAction(action, envAction);
        var result = env.Step(envAction, nextObservation);
        steps.Add(observation, action, (float)result.Reward * rewardScale, nextObservation, result.Terminated, result.Truncated, loan.Transitions);
        (observation, nextObservation) = (nextObservation, observation);
        episodeReturn += result.Reward;
        episodeLength++;
        if (!result.EpisodeEnded)
            return;
        loan.Episodes.Add(new FinishedEpisode(episodeReturn, episodeLength));
        (episodeReturn, episodeLength) = (0, 0);
        env.Reset(null, observation);
        behaviour.BeginEpisode();
    }
}
