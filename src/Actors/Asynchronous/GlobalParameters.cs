using System.Numerics.Tensors;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// The global state of the asynchronous shape and what one gradient does to it: θ, the optimizer shared by all workers,
/// the global step and the statistics since the last report. Pure: no actors, no clock. What a snapshot has to hold is here.
/// </summary>
/// <param name="parameters">θ [P] at the start; owned from now on.</param>
/// <param name="optimizer">The update rule.</param>
/// <param name="learningRate">Learning rate by global step.</param>
/// <param name="settings">Run length, windows and the bound on policy lag.</param>
/// <param name="targetInterval">Env steps between two moves of the target network; null for an algorithm without.</param>
public sealed class GlobalParameters(
    float[] parameters, IOptimizer optimizer, LearningRateSchedule learningRate, RunSettings settings, long? targetInterval = null)
{
    /// <summary>Others' updates that a node may have missed without a consequence, as a worker may in one process.</summary>
    private const int ToleratedLag = 16;

    private readonly PolicyLagStatistics lag = new();

    /// <summary>θ [P].</summary>
    public float[] Parameters { get; } = parameters;

    /// <summary>θ⁻, what <see cref="Parameters"/> were when the global step last passed a multiple of the interval; null for an algorithm without.</summary>
    public TargetParameters? Target { get; private set; } = targetInterval is null ? null : new(0, parameters.ToArray());

    /// <summary>Updates applied: the version of <see cref="Parameters"/>.</summary>
    public long Version { get; private set; }

    /// <summary>Counts env steps and grants them.</summary>
    public StepBudget Steps { get; } = new(settings.TotalSteps);

    /// <summary>Losses and episodes since the last report.</summary>
    public TrainingStatistics Statistics { get; } = new(settings.Metrics.EpisodeWindow);

    /// <summary>Policy lag of all applied gradients.</summary>
    public PolicyLagRange PolicyLag => lag.Range;

    /// <summary>Which life of the learner this is; gradients of a former one are refused.</summary>
    public long Incarnation { get; set; }

    /// <summary>Factor on the learning rate, below 1 after the divergence guard rolled the run back.</summary>
    public float LearningRateFactor { get; set; } = 1;

    /// <summary>The learning rate of the next update.</summary>
    public float LearningRate => learningRate.At(Steps.Applied) * LearningRateFactor;

    /// <summary>Writes what <see cref="Restore"/> reads. The incarnation and the factor are the supervisor's.</summary>
    public void Capture(RunState state)
    {
        state.Write("parameters", Parameters.AsSpan());
        state.Write("optimizer.moments", optimizer.Moments);
        state.Write("optimizer.updates", optimizer.Updates);
        state.Write("version", Version);
        state.Write("global-step", Steps.Applied);
        if (Target is not null)
        {
            state.Write("target.parameters", Target.Values.Span);
            state.Write("target.version", Target.Version);
        }
        Statistics.Capture(state);
        lag.Capture(state);
    }

    /// <summary>Goes on from a snapshot, with these env steps out on grants.</summary>
    public void Restore(RunState state, long granted)
    {
        state.Read("parameters", Parameters);
        state.Read("optimizer.moments", optimizer.Moments);
        optimizer.Updates = state.Whole("optimizer.updates");
        Version = state.Whole("version");
        Steps.Restore(state.Whole("global-step"), granted);
        if (Target is not null)
        {
            var values = new float[Parameters.Length];
            state.Read("target.parameters", values);
            Target = new TargetParameters(state.Whole("target.version"), values);
        }
        Statistics.Restore(state);
        lag.Restore(state);
    }

    /// <summary>Goes on from the start.</summary>
    /// <param name="initial">θ [P].</param>
    /// <param name="moments">The optimizer's, as they start.</param>
    public void Reset(ReadOnlySpan<float> initial, ReadOnlySpan<float> moments)
    {
        initial.CopyTo(Parameters);
        moments.CopyTo(optimizer.Moments);
        (optimizer.Updates, Version) = (0, 0);
        Target = Target is null ? null : new TargetParameters(0, initial.ToArray());
        Steps.Restore(applied: 0, granted: 0);
        Statistics.Restore(null);
        lag.Restore(null);
    }

    /// <summary>
    /// Applies a gradient: θ ← θ − optimizer(dθ), or adds a node's updates, which are made already; T ← T + steps. Returns null, or why it was refused; nothing has
    /// changed then.
    /// </summary>
    public FaultKind? Apply(GradientLoan loan)
    {
        if (!double.IsFinite(loan.Losses.GradientNorm) || (loan.Updates is not null && !DivergenceGuard.AreFinite(loan.Vector)))
            return FaultKind.NonFiniteGradient;
        var share = 1f;
        var policyLag = Math.Max(0, Version - loan.Version) + loan.LagThere;
        if (policyLag > settings.PolicyLag.Maximum)
        {
            if (settings.PolicyLag.BeyondMaximum == LagRemedy.Drop)
                return FaultKind.PolicyLag;
            if (settings.PolicyLag.BeyondMaximum == LagRemedy.Scale)
                share = (float)Math.Max(settings.PolicyLag.Maximum, 1) / policyLag;
        }
        if (loan.Updates is { } updates)
            Add(loan, updates, share * Weight(updates, Math.Max(0, Version - loan.Version)));
        else
        {
            optimizer.Update(Parameters, loan.Vector, LearningRate * share);
            Version++;
        }
        lag.Add(policyLag);
        Statistics.Add(loan.Losses, loan.Episode);
        foreach (var episode in loan.Episodes)
            Statistics.Add(episode);
        return null;
    }

    /// <summary>What a node begins with: the optimizer's moments.</summary>
    public float[] CopyMoments() => optimizer.Moments.ToArray();

    /// <summary>
    /// What part of n updates counts that have missed τ updates of others: (n + 16) / (n + τ), at most 1. Of N nodes that combine many, each has missed (N − 1) n: the learner
    /// comes to the mean of their parameters, where the sum would go N times too far.
    /// </summary>
    /// <remarks>As in W. Zhang et al. 2016, "Staleness-aware Async-SGD for Distributed Deep Learning", equation 6, which divides the rate by τ; here τ counts in messages, beyond what is tolerated.</remarks>
    private static float Weight(int updates, long missed) => Math.Min(1, (float)(updates + ToleratedLag) / (updates + missed));

    /// <summary>The moments are those of the node that sent some last.</summary>
    private void Add(GradientLoan loan, int updates, float share)
    {
        TensorPrimitives.MultiplyAdd(loan.Vector, share, Parameters, Parameters);
        if (!loan.Moments.IsEmpty)
            loan.Moments.Span.CopyTo(optimizer.Moments);
        optimizer.Updates += updates;
        Version += updates;
    }

    /// <summary>θ⁻ ← θ, if the global step has passed a multiple of the interval since the last time; returns whether it has.</summary>
    public bool MoveTarget()
    {
        if (Target is null || Steps.Applied / targetInterval!.Value == Target.Version)
            return false;
        Target = new TargetParameters(Steps.Applied / targetInterval.Value, Parameters.ToArray());
        return true;
    }
}
