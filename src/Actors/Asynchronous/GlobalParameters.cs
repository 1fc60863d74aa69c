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
public sealed class GlobalParameters(
    float[] parameters, IOptimizer optimizer, LearningRateSchedule learningRate, RunSettings settings)
{
    private readonly PolicyLagStatistics lag = new();

    /// <summary>θ [P].</summary>
    public float[] Parameters { get; } = parameters;

    /// <summary>Updates applied: the version of <see cref="Parameters"/>.</summary>
    public long Version { get; private set; }

    /// <summary>Counts env steps and grants them.</summary>
    public StepBudget Steps { get; } = new(settings.TotalSteps);

    /// <summary>Losses and episodes since the last report.</summary>
    public TrainingStatistics Statistics { get; } = new(settings.Metrics.EpisodeWindow);

    /// <summary>Policy lag of all applied gradients.</summary>
    public PolicyLagRange PolicyLag => lag.Range;

    /// <summary>The learning rate of the next update.</summary>
    public float LearningRate => learningRate.At(Steps.Applied);

    /// <summary>
    /// Applies a gradient: θ ← θ − optimizer(dθ), T ← T + steps. Returns null, or why it was refused; nothing has changed then.
    /// </summary>
    public FaultKind? Apply(GradientLoan loan)
    {
        if (!double.IsFinite(loan.Losses.GradientNorm))
            return FaultKind.NonFiniteGradient;
        var rate = LearningRate;
        var policyLag = Version - loan.Version;
        if (policyLag > settings.PolicyLag.Maximum)
        {
            if (settings.PolicyLag.BeyondMaximum == LagRemedy.Drop)
                return FaultKind.PolicyLag;
            if (settings.PolicyLag.BeyondMaximum == LagRemedy.Scale)
                rate *= (float)Math.Max(settings.PolicyLag.Maximum, 1) / policyLag;
        }
        optimizer.Update(Parameters, loan.Vector, rate);
        Version++;
        lag.Add(policyLag);
        Statistics.Add(loan.Losses, loan.Episode);
        return null;
    }
}
