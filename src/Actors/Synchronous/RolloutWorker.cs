using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;
using AkkaRL.Models.State;
using static AkkaRL.Actors.Protocol.Rollouts;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Synchronous;

/// <summary>
/// A worker of the synchronous shape: several envs stepped together, so that the network works on batches, a local network and random
/// numbers of its own. Parameters in, a rollout out, with the log-probabilities and values of the policy that acted.
/// </summary>
/// <remarks>
/// <para>Parent: the worker pool, which replaces it when it throws or stalls; its share of the batch is then made again. Supervises nobody.</para>
/// <para>In: <see cref="CollectRollout"/>, <see cref="CaptureWorker"/>, <see cref="Ping"/>. Out: <see cref="AttachRolloutWorker"/>, <see cref="RolloutCollected"/>, <see cref="WorkerCaptured"/> to the learner, <see cref="Pong"/>.</para>
/// <para>Runs on a thread of its own, one rollout a message. Hot path: a step allocates nothing.</para>
/// </remarks>
public sealed class RolloutWorker : ReceiveActor
{
    private readonly ActorCriticPolicy policy;
    private readonly bool wholeEpisodes;
    private readonly IActorRef learner;
    private readonly ReadOnlyMemory<byte>? captured;
    private readonly RolloutLoan loan;
    private readonly RolloutCollected collected;
    private readonly Pong pong;
    private readonly Func<IEnv> makeEnv;
    private readonly IEnv[] envs;
    private readonly INetwork network;
    private readonly RandomStream random;
    private readonly int observationSize;
    private readonly int stateSize;
    private readonly float[] observations;
    private readonly float[] states;
    private readonly float[] inputs;
    private readonly float[] inputStates;
    private readonly float[] envAction;
    private readonly bool[] mask;
    private readonly int[] active;
    private readonly double[] episodeReturns;
    private readonly int[] episodeLengths;

    /// <summary>Made by the worker pool.</summary>
    /// <param name="plan">Network, envs, random numbers.</param>
    /// <param name="policy">How it acts.</param>
    /// <param name="size">How many envs and steps.</param>
    /// <param name="worker">Its number.</param>
    /// <param name="life">Which life of that worker this is.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="incarnation">Which life of the learner this is.</param>
    /// <param name="captured">What to go on from; null to begin episodes.</param>
    public RolloutWorker(
        RunPlan plan, ActorCriticPolicy policy, BatchSize size, int worker, int life, IActorRef learner, long incarnation, ReadOnlyMemory<byte>? captured)
    {
        (this.policy, this.learner, this.captured, wholeEpisodes) = (policy, learner, captured, size.WholeEpisodes);
        (observationSize, stateSize) = (plan.ObservationSize, plan.Network.StateSize);
        loan = new RolloutLoan(worker, life, Self, plan.Layout.Count, size.MakeRollout(plan, policy)) { Incarnation = incarnation };
        collected = new RolloutCollected(loan);
        pong = new Pong(worker, life);
        random = plan.WorkerRandom(worker, life);
        network = plan.MakeNetwork(size.EnvsPerWorker + 1);
        envs = new IEnv[size.EnvsPerWorker];
        makeEnv = plan.MakeEnv;
        observations = new float[envs.Length * observationSize];
        states = new float[envs.Length * stateSize];
        inputs = new float[envs.Length * observationSize];
        inputStates = new float[envs.Length * stateSize];
        envAction = new float[policy.Distribution.ActionSize];
        mask = new bool[plan.MaskSize];
        active = new int[envs.Length];
        episodeReturns = new double[envs.Length];
        episodeLengths = new int[envs.Length];

        Receive<CollectRollout>(_ => Collect());
        Receive<CaptureWorker>(message => learner.Tell(new WorkerCaptured(worker, life, message.Incarnation, WorkerBytes.Capture(Visit))));
        Receive<Ping>(_ => Sender.Tell(pong));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        try
        {
            for (var env = 0; env < envs.Length; env++)
                envs[env] = makeEnv();
            if (captured is { } state)
                WorkerBytes.Restore(state, Visit);
            else
                for (var env = 0; env < envs.Length; env++)
                    envs[env].Reset(random.NextBits(), Observation(env));
        }
        catch
        {
            PostStop(); // is not called for an actor that never started
            throw;
        }
        learner.Tell(new AttachRolloutWorker(loan));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        foreach (var env in envs)
            env?.Dispose(); // there may be none yet
        network.Dispose();
    }

    /// <summary>All that the rest of this worker's life depends on; its loan is at home.</summary>
    private void Visit(WorkerBytes state)
    {
        state.Visit("random", random);
        state.Visit("observations", observations);
        state.Visit("states", states);
        state.Visit("episode-returns", episodeReturns);
        for (var env = 0; env < envs.Length; env++)
        {
            state.Visit("episode-length", ref episodeLengths[env]);
            state.Visit(envs[env]);
        }
    }

    private void Collect()
    {
        var rollout = loan.Rollout;
        network.Load(loan.Parameters);
        loan.Episodes.Clear();
        states.CopyTo(rollout.InitialStates, 0);
        var count = 0;
        for (var env = 0; env < envs.Length; env++)
            if (rollout.Steps[env] > 0)
                active[count++] = env;
        for (var step = 0; count > 0; step++)
            count = Step(rollout, step, count);
        Bootstrap(rollout);
        learner.Tell(collected);
    }

    /// <summary>Steps the active envs once, in order, and returns how many stay active.</summary>
    private int Step(Rollout rollout, int step, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Observation(active[i]).CopyTo(inputs.AsSpan(i * observationSize));
            State(active[i]).CopyTo(inputStates.AsSpan(i * stateSize));
        }
        var outputs = network.Forward(inputs.AsSpan(0, count * observationSize), inputStates.AsSpan(0, count * stateSize));
        for (var i = 0; i < count; i++)
            inputStates.AsSpan(i * stateSize, stateSize).CopyTo(State(active[i]));
        var width = policy.Network.Outputs;
        var remaining = 0;
        for (var i = 0; i < count; i++)
        {
            var env = active[i];
            var row = env * rollout.StepsMaximum + step;
            Observation(env).CopyTo(rollout.Observations.AsSpan(row * observationSize));
            Act(rollout, row, env, outputs.Slice(i * width, width));
            var result = envs[env].Step(envAction, Observation(env));
            var isLast = step + 1 == rollout.Steps[env] || (wholeEpisodes && result.EpisodeEnded);
            Record(rollout, row, env, result, isCutOff: wholeEpisodes && isLast && !result.EpisodeEnded);
            if (isLast)
                rollout.Steps[env] = step + 1;
            else
                active[remaining++] = env;
        }
        return remaining;
    }

    private void Act(Rollout rollout, int row, int env, ReadOnlySpan<float> output)
    {
        var parameters = rollout.PolicyParameters.AsSpan(row * rollout.PolicySize, rollout.PolicySize);
        var action = rollout.Actions.AsSpan(row * rollout.ActionSize, rollout.ActionSize);
        policy.Outputs.GatherPolicy(output, parameters);
        if (mask.Length > 0)
            envs[env].WriteActionMask(mask);
        ActionMask.Apply(mask, parameters);
        rollout.LogProbabilities[row] = policy.Distribution.Sample(parameters, random, action);
        rollout.Values[row] = policy.Outputs.Value(output);
        policy.ToEnvAction(action, envAction);
    }

    /// <param name="rollout">Where.</param>
    /// <param name="row">The step's row.</param>
    /// <param name="env">Whose step.</param>
    /// <param name="result">What it came to.</param>
    /// <param name="isCutOff">Whether a whole episode was wanted and there are no steps left for it: it counts as truncated here.</param>
    private void Record(Rollout rollout, int row, int env, in StepResult result, bool isCutOff)
    {
        rollout.Rewards[row] = (float)result.Reward;
        rollout.Terminated[row] = result.Terminated;
        rollout.Truncated[row] = result.Truncated || isCutOff;
        rollout.FinalValues[row] = rollout.Truncated[row] && !result.Terminated ? Value(env) : 0;
        episodeReturns[env] += result.Reward;
        episodeLengths[env]++;
        if (!result.EpisodeEnded && !isCutOff)
            return;
        if (result.EpisodeEnded)
            loan.Episodes.Add(new FinishedEpisode(episodeReturns[env], episodeLengths[env]));
        (episodeReturns[env], episodeLengths[env]) = (0, 0);
        envs[env].Reset(null, Observation(env));
        State(env).Clear();
    }

    /// <summary>Values of the observations that the rollout ends at.</summary>
    private void Bootstrap(Rollout rollout)
    {
        states.CopyTo(inputStates, 0);
        var outputs = network.Forward(observations, inputStates);
        for (var env = 0; env < envs.Length; env++)
            rollout.BootstrapValues[env] = policy.Outputs.Value(outputs.Slice(env * policy.Network.Outputs, policy.Network.Outputs));
    }

    /// <summary>V of an env's observation, computed in a row of its own: the outputs at hand stay valid.</summary>
    private float Value(int env)
    {
        var state = inputStates.AsSpan(0, stateSize); // free: every env's state of this step is back in its place
        State(env).CopyTo(state);
        return policy.Outputs.Value(network.Forward(Observation(env), state, envs.Length));
    }

    private Span<float> Observation(int env) => observations.AsSpan(env * observationSize, observationSize);

    /// <summary>What the policy remembers of an env's open episode, before its next step; belongs to the worker's state as the env does.</summary>
    private Span<float> State(int env) => states.AsSpan(env * stateSize, stateSize);
}
