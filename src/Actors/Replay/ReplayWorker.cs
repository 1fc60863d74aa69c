using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;
using static AkkaRL.Actors.Protocol.Experience;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Replay;

/// <summary>One worker of the replay shape: an env, the policy with its exploration, and random numbers of its own.</summary>
/// <remarks>
/// <para>Parent: the worker pool, which replaces it when it throws or stalls; the open episode's steps that are in no transition yet are lost then. Supervises nobody.</para>
/// <para>In: <see cref="StepsGranted"/>, <see cref="CaptureWorker"/>, <see cref="Ping"/>. Out: <see cref="AttachWorker"/>, <see cref="StepsMade"/>, <see cref="WorkerCaptured"/> to the learner, <see cref="Pong"/>.</para>
/// <para>Runs on a thread of its own, one round a message. Hot path: a step allocates nothing.</para>
/// </remarks>
public sealed class ReplayWorker : ReceiveActor
{
    private readonly ActingPolicy policy;
    private readonly IActorRef learner;
    private readonly ReadOnlyMemory<byte>? captured;
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
    private bool[] mask;
    private bool[] nextMask;
    private double episodeReturn;
    private int episodeLength;

    /// <summary>Made by the worker pool.</summary>
    /// <param name="plan">Network, env, random numbers.</param>
    /// <param name="algorithm">How it explores.</param>
    /// <param name="worker">Its number.</param>
    /// <param name="life">Which life of that worker this is.</param>
    /// <param name="learner">Whom it works for.</param>
    /// <param name="incarnation">Which life of the learner this is.</param>
    /// <param name="captured">What to go on from; null to begin an episode.</param>
    public ReplayWorker(RunPlan plan, ReplayAlgorithm algorithm, int worker, int life, IActorRef learner, long incarnation, ReadOnlyMemory<byte>? captured)
    {
        (this.learner, this.captured) = (learner, captured);
        policy = plan.Policy;
        var settings = algorithm.Settings;
        rewardScale = (float)settings.RewardScale;
        random = plan.WorkerRandom(worker, life);
        env = plan.MakeEnv();
        steps = new NStepTransitions(settings.NStep, (float)settings.Gamma, plan.ObservationSize, policy.ActionSize, plan.MaskSize);
        var round = ReplayRounds.LargestShare(settings, plan.Settings.Workers);
        var transitions = new TransitionBatch(round + settings.NStep, plan.ObservationSize, policy.ActionSize, plan.MaskSize);
        loan = new ExperienceLoan(worker, life, Self, algorithm.BehaviourParameters, transitions, round) { Incarnation = incarnation };
        pong = new Pong(worker, life);
        observation = new float[plan.ObservationSize];
        nextObservation = new float[plan.ObservationSize];
        mask = new bool[plan.MaskSize];
        nextMask = new bool[plan.MaskSize];
        action = new float[policy.ActionSize];
        envAction = new float[plan.ActionSpace.Size];
        behaviour = algorithm.MakeBehaviour();

        Receive<StepsGranted>(_ => MakeSteps());
        Receive<CaptureWorker>(message => learner.Tell(new WorkerCaptured(worker, life, message.Incarnation, WorkerBytes.Capture(Visit))));
        Receive<Ping>(_ => Sender.Tell(pong));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        try
        {
            if (captured is { } state)
                WorkerBytes.Restore(state, Visit);
            else
            {
                env.Reset(random.NextBits(), observation);
                behaviour.BeginEpisode();
            }
            ReadMask(mask);
        }
        catch
        {
            PostStop(); // is not called for an actor that never started
            throw;
        }
        learner.Tell(new AttachWorker(loan));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        env.Dispose();
        behaviour.Dispose();
    }

    /// <summary>All that the rest of this worker's life depends on; its loan is at home.</summary>
    private void Visit(WorkerBytes state)
    {
        state.Visit("random", random);
        state.Visit("observation", observation);
        state.Visit("episode-return", ref episodeReturn);
        state.Visit("episode-length", ref episodeLength);
        steps.Visit(state);
        behaviour.Visit(state);
        state.Visit(env);
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
        behaviour.Act(observation, globalStep, random, action, mask);
        policy.ToEnvAction(action, envAction);
        var result = env.Step(envAction, nextObservation);
        if (!result.Terminated)
            ReadMask(nextMask);
        steps.Add(
            observation, action, (float)result.Reward * rewardScale, nextObservation, result.Terminated, result.Truncated, loan.Transitions,
            result.Terminated ? [] : nextMask);
        (observation, nextObservation) = (nextObservation, observation);
        (mask, nextMask) = (nextMask, mask);
        episodeReturn += result.Reward;
        episodeLength++;
        if (!result.EpisodeEnded)
            return;
        loan.Episodes.Add(new FinishedEpisode(episodeReturn, episodeLength));
        (episodeReturn, episodeLength) = (0, 0);
        env.Reset(null, observation);
        behaviour.BeginEpisode();
        ReadMask(mask);
    }

    /// <summary>Asks which actions the env's state allows; an env without a mask is not asked.</summary>
    private void ReadMask(bool[] allowed)
    {
        if (allowed.Length > 0)
            env.WriteActionMask(allowed);
    }
}
