using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using static AkkaRL.Actors.Protocol.Gradients;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// One A3C worker: an env, a local network and random numbers of its own. Parameters in, one rollout, a gradient out.
/// </summary>
/// <remarks>
/// <para>Parent: the worker pool, which replaces it when it throws or stalls; the open rollout is lost then. Supervises nobody.</para>
/// <para>In: <see cref="RolloutGranted"/>, <see cref="CaptureWorker"/>, <see cref="LearnerRestarted"/>, <see cref="Ping"/>. Out: <see cref="AttachWorker"/>, <see cref="ApplyGradient"/>, <see cref="WorkerCaptured"/> to the parameter server, <see cref="Pong"/>.</para>
/// <para>Runs on a thread of its own, one rollout a message. Hot path: a rollout allocates nothing.</para>
/// </remarks>
public sealed class A3CWorker : ReceiveActor
{
    private readonly ActorCriticPolicy policy;
    private readonly IActorRef server;
    private readonly RunState? restored;
    private GradientLoan loan;
    private ApplyGradient applyGradient;
    private readonly Pong pong;
    private readonly IEnv env;
    private readonly INetwork network;
    private readonly A3C a3c;
    private readonly RandomStream random;
    private readonly float[] observation;
    private readonly float[] envAction;
    private double episodeReturn;
    private int episodeLength;

    /// <summary>Made by the worker pool.</summary>
    /// <param name="plan">Network, env, random numbers.</param>
    /// <param name="policy">How it acts.</param>
    /// <param name="worker">Its number.</param>
    /// <param name="life">Which life of that worker this is.</param>
    /// <param name="server">The parameter server.</param>
    /// <param name="incarnation">Which life of the parameter server this is.</param>
    /// <param name="restored">The snapshot to go on from; null to begin an episode.</param>
    public A3CWorker(RunPlan plan, ActorCriticPolicy policy, int worker, int life, IActorRef server, long incarnation, RunState? restored)
    {
        (this.policy, this.server, this.restored) = (policy, server, restored);
        loan = new GradientLoan(worker, life, Self, plan.Layout.Count) { Incarnation = incarnation };
        applyGradient = new ApplyGradient(loan);
        pong = new Pong(worker, life);
        random = plan.WorkerRandom(worker, life);
        env = plan.MakeEnv();
        network = plan.MakeNetwork(plan.Settings.A3C.RolloutSteps + 1);
        a3c = new A3C(plan.Settings.A3C, network, policy.Distribution);
        observation = new float[plan.ObservationSize];
        envAction = new float[policy.Distribution.ActionSize];

        Receive<RolloutGranted>(granted => Rollout(granted.Loan));
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
        network.Dispose();
    }

    /// <summary>Algorithm S3, one turn of its outer loop.</summary>
    private void Rollout(GradientLoan granted)
    {
        if (granted != loan)
            (loan, applyGradient) = (granted, new ApplyGradient(granted));
        a3c.Synchronize(loan.Vector, loan.Steps);
        while (!a3c.IsRolloutOver)
        {
            policy.ToEnvAction(a3c.Act(observation, random), envAction);
            var result = env.Step(envAction, observation);
            a3c.Observe(result.Reward, result.Terminated, result.Truncated);
            episodeReturn += result.Reward;
            episodeLength++;
        }
        loan.Losses = a3c.ComputeGradient(observation, loan.Vector);
        loan.Steps = a3c.Steps;
        loan.Episode = a3c.EpisodeEnded ? new FinishedEpisode(episodeReturn, episodeLength) : null;
        server.Tell(applyGradient);
        if (a3c.EpisodeEnded)
            BeginEpisode();
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
        foreach (var value in (ReadOnlySpan<float>)[.. observation, .. a3c.State])
            writer.Write(value);
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
        foreach (ref var value in a3c.State)
            value = reader.ReadSingle();
        env.RestoreState(reader);
    }

    private void BeginEpisode()
    {
        (episodeReturn, episodeLength) = (0, 0);
        env.Reset(null, observation);
    }
}
