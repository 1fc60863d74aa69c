using AkkaRL.Actors.Persistence;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Actors.Synchronous;

/// <summary>
/// Statistics of observations and of discounted returns, kept by the learner alone. Workers, evaluator and policy files know nothing of
/// them: what they are given are parameters with the statistics folded into the first layer.
/// </summary>
/// <remarks>
/// <para>A batch is normalised by the statistics that its policy acted with; its own observations count from the next batch on.
/// Rewards are divided by √(Var(R) + 1e-8), R ← γ R + r env by env, and clipped to ±10; their mean stays.</para>
/// <para>Sources: Gymnasium 0.29 <c>NormalizeObservation</c> and <c>NormalizeReward</c>. Unlike there, normalised observations are not clipped,
/// which a folded network could not express.</para>
/// </remarks>
internal sealed class RolloutNormalization
{
    private const double RewardClip = 10;

    private readonly RolloutSettings settings;
    private readonly RunningMoments? observations;
    private readonly RunningMoments? returns;
    private readonly double[] openReturns;
    private readonly int envsPerWorker;
    private readonly double[] scale;

    /// <summary>Nothing seen yet.</summary>
    public RolloutNormalization(RolloutSettings settings, int observationSize, int workers)
    {
        (this.settings, envsPerWorker) = (settings, settings.EnvsPerWorker);
        openReturns = new double[workers * envsPerWorker];
        observations = settings.NormalizeObservations ? new RunningMoments(observationSize) : null;
        returns = settings.NormalizeRewards ? new RunningMoments(1) : null;
        scale = new double[observationSize];
    }

    /// <summary>Writes the parameters to act with on raw observations [P].</summary>
    public void Fold(ParameterLayout layout, ReadOnlySpan<float> parameters, Span<float> folded)
    {
        parameters.CopyTo(folded);
        if (observations is null)
            return;
        for (var i = 0; i < scale.Length; i++)
            scale[i] = observations.InverseDeviation(i);
        InputScaling.Fold(layout, observations.Mean, scale, folded);
    }

    /// <summary>Scales one worker's rewards in place; call it once a rollout, in worker order.</summary>
    public void ScaleRewards(int worker, Rollout rollout)
    {
        if (returns is null && settings.RewardScale == 1)
            return;
        for (var env = 0; env < rollout.Envs; env++)
        {
            ref var open = ref openReturns[worker * envsPerWorker + env];
            for (var row = env * rollout.StepsMaximum; row < env * rollout.StepsMaximum + rollout.Steps[env]; row++)
            {
                var reward = rollout.Rewards[row] * settings.RewardScale;
                if (returns is not null)
                {
                    open = settings.Gamma * open + reward;
                    returns.Update(open);
                    if (rollout.Terminated[row] || rollout.Truncated[row])
                        open = 0;
                    reward = Math.Clamp(reward * returns.InverseDeviation(0), -RewardClip, RewardClip);
                }
                rollout.Rewards[row] = (float)reward;
            }
        }
    }

    /// <summary>A worker's envs begin anew.</summary>
    public void Forget(int worker) => openReturns.AsSpan(worker * envsPerWorker, envsPerWorker).Clear();

    /// <summary>Writes what <see cref="Restore"/> reads.</summary>
    public void Capture(RunState state)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        observations?.Capture(writer);
        returns?.Capture(writer);
        foreach (var open in openReturns)
            writer.Write(open);
        state.Write("normalization", bytes.ToArray());
    }

    /// <summary>Goes on from a snapshot; from nothing without one.</summary>
    public void Restore(RunState? state)
    {
        Array.Clear(openReturns);
        observations?.Clear();
        returns?.Clear();
        if (state is null)
            return;
        using var reader = new BinaryReader(new MemoryStream(state.Data("normalization").ToArray()));
        observations?.Restore(reader);
        returns?.Restore(reader);
        foreach (ref var open in openReturns.AsSpan())
            open = reader.ReadDouble();
    }

    /// <summary>Normalises a batch's observations in place by what was known when it acted, then counts them in.</summary>
    public void Normalize(RolloutBatch batch)
    {
        if (observations is null)
            return;
        var seen = new RunningMoments(observations.Size, priorCount: 0);
        for (var row = 0; row < batch.Count; row++)
        {
            var observation = batch.Observations.AsSpan(row * observations.Size, observations.Size);
            seen.Update(observation);
            for (var i = 0; i < observation.Length; i++)
                observation[i] = (float)observations.Standardize(i, observation[i]);
        }
        observations.Merge(seen);
    }
}
