using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using static AkkaRL.Actors.Protocol.Gradients;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;
using static AkkaRL.Actors.Protocol.Targets;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// One worker of the asynchronous shape: an env, its part of the algorithm and random numbers of its own. Parameters in, one rollout, a gradient out.
/// </summary>
/// <remarks>
/// <para>Parent: the worker pool, which replaces it when it throws or stalls; the open rollout is lost then. Supervises nobody.</para>
/// <para>In: <see cref="RolloutGranted"/>, <see cref="TargetFetched"/>, <see cref="CaptureWorker"/>, <see cref="LearnerRestarted"/>, <see cref="Ping"/>.
/// Out: <see cref="AttachWorker"/>, <see cref="ApplyGradient"/>, <see cref="WorkerCaptured"/> to the parameter server, <see cref="FetchTarget"/> to the target network, <see cref="Pong"/>.</para>
/// <para>A rollout is made with the version of the target network that its grant names; it is fetched first where that is another than the last.</para>
/// <para>Runs on a thread of its own, one rollout a message. Hot path: a rollout allocates nothing.</para>
/// </remarks>
public sealed class GradientWorker : ReceiveActor
{
    private readonly ActingPolicy policy;
    private readonly IActorRef server;
    private readonly IActorRef? target;
    private readonly RunState? restored;
    private GradientLoan loan;
    private ApplyGradient applyGradient;
    private readonly Pong pong;
    private readonly IEnv env;
    private readonly IGradientAlgorithm algorithm;
    private readonly RandomStream random;
    private readonly float[] observation;
    private readonly float[] envAction;
    private readonly bool[] mask;
    private (long Incarnation, long Version)? targetHeld;
    private double episodeReturn;
    private int episodeLength;

    /// <summary>Made by the worker pool.</summary>
    /// <param name="plan">Env, random numbers, and how an action becomes the env's.</param>
    /// <param name="makeAlgorithm">Makes its part of the algorithm, which may draw from its random numbers.</param>
    /// <param name="worker">Its number.</param>
    /// <param name="life">Which life of that worker this is.</param>
    /// <param name="server">The parameter server.</param>
    /// <param name="target">The shared target network; null for an algorithm without.</param>
    /// <param name="incarnation">Which life of the parameter server this is.</param>
    /// <param name="restored">The snapshot to go on from; null to begin an episode.</param>
    public GradientWorker(
        RunPlan plan, Func<RandomStream, IGradientAlgorithm> makeAlgorithm, int worker, int life, IActorRef server, IActorRef? target, long incarnation, RunState? restored)
    {
        (policy, this.server, this.target, this.restored) = (plan.Policy, server, target, restored);
        loan = new GradientLoan(worker, life, Self, plan.Layout.Count) { Incarnation = incarnation };
        applyGradient = new ApplyGradient(loan);
        pong = new Pong(worker, life);
        random = plan.WorkerRandom(worker, life);
        env = plan.MakeEnv();
        algorithm = makeAlgorithm(random);
        observation = new float[plan.ObservationSize];
        envAction = new float[policy.ActionSize];
        mask = new bool[plan.MaskSize];

        Receive<RolloutGranted>(granted => Begin(granted.Loan));
        Receive<TargetFetched>(fetched => GoOn(fetched));
        Receive<CaptureWorker>(message => server.Tell(new WorkerCaptured(worker, life, message.Incarnation, Capture())));
        Receive<LearnerRestarted>(message => Attach(new GradientLoan(worker, life, Self, plan.Layout.Count) { Incarnation = message.Incarnation }));
        Receive<Ping>(_ => Sender.Tell(pong));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        try
        {
            if (restored is null)
                env.Reset(random.NextBits(), observation);
            else
                Restore(WorkerStates.State(restored, loan.Worker)!.Value);
        }
        catch
        {
            PostStop(); // is not called for an actor that never started
            throw;
        }
        server.Tell(restored is null ? new AttachWorker(loan) : new AttachWorker(loan, Resumes: true, CapturedWorkers.Restore(restored, loan)));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        env.Dispose();
        algorithm.Dispose();
    }

    private void Begin(GradientLoan granted)
    {
        if (granted != loan)
            (loan, applyGradient) = (granted, new ApplyGradient(granted));
        if (target is null || targetHeld == (loan.Incarnation, loan.TargetVersion))
            Rollout();
        else
            target.Tell(new FetchTarget(loan.Incarnation, loan.TargetVersion));
    }

    private void GoOn(TargetFetched fetched)
    {
        if (fetched.Incarnation != loan.Incarnation || fetched.Version != loan.TargetVersion)
            return; // was asked for by a grant of the learner's former life
        algorithm.LoadTarget(fetched.Target.Values.Span);
        targetHeld = (fetched.Incarnation, fetched.Version);
        Rollout();
    }

    /// <summary>One turn of the outer loop of the paper's algorithms.</summary>
    private void Rollout()
    {
        algorithm.Synchronize(loan.Vector, loan.Steps, loan.GlobalStep);
        var terminated = false;
        while (!algorithm.IsRolloutOver)
        {
            policy.ToEnvAction(algorithm.Act(observation, random, Allowed()), envAction);
            var result = env.Step(envAction, observation);
            terminated = result.Terminated;
            algorithm.Observe(result.Reward, result.Terminated, result.Truncated);
            episodeReturn += result.Reward;
            episodeLength++;
        }
        loan.Losses = algorithm.ComputeGradient(observation, random, loan.Vector, terminated ? [] : Allowed());
        loan.Steps = algorithm.Steps;
        loan.Episode = algorithm.EpisodeEnded ? new FinishedEpisode(episodeReturn, episodeLength) : null;
        server.Tell(applyGradient);
        if (algorithm.EpisodeEnded)
            BeginEpisode();
    }

    /// <summary>Which actions the env's state allows; nothing for an env without a mask.</summary>
    private ReadOnlySpan<bool> Allowed()
    {
        if (mask.Length > 0)
            env.WriteActionMask(mask);
        return mask;
    }

    private void Attach(GradientLoan fresh) => server.Tell(new AttachWorker(fresh));

    /// <summary>All that the rest of this worker's life depends on; its loan is at home.</summary>
    private byte[] Capture()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        var (s0, s1, s2, s3) = random.State;
        foreach (var word in (ReadOnlySpan<ulong>)[s0, s1, s2, s3])
            writer.Write(word);
        writer.Write(episodeReturn);
        writer.Write(episodeLength);
        foreach (var value in observation)
            writer.Write(value);
        algorithm.CaptureState(writer);
        env.CaptureState(writer);
        return bytes.ToArray();
    }

    private void Restore(ReadOnlyMemory<byte> captured)
    {
        using var reader = new BinaryReader(new MemoryStream(captured.ToArray()));
        random.State = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
        episodeReturn = reader.ReadDouble();
        episodeLength = reader.ReadInt32();
        for (var i = 0; i < observation.Length; i++)
            observation[i] = reader.ReadSingle();
        algorithm.RestoreState(reader);
        env.RestoreState(reader);
    }

    private void BeginEpisode()
    {
        (episodeReturn, episodeLength) = (0, 0);
        env.Reset(null, observation);
    }
}
