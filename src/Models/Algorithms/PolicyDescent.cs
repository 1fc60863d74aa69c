using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Rollouts;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// The parameters of a synchronous algorithm and the one thing all of them do to these: descend the gradient of a loss over a
/// minibatch, clipped by its global norm. A gradient that is not finite is refused and counted, and changes nothing.
/// </summary>
/// <param name="parameters">θ [P] at the start; owned from now on.</param>
/// <param name="optimizer">The update rule.</param>
/// <param name="gradients">Computes gradients.</param>
public sealed class PolicyDescent(float[] parameters, IOptimizer optimizer, ShardedGradient gradients)
{
    private readonly float[] gradient = new float[parameters.Length];
    private readonly GradientStep step = new(gradients.Pieces);
    private LossSums sums;
    private double gradientNorm;
    private int steps;

    /// <summary>θ [P].</summary>
    public float[] Parameters { get; } = parameters;

    /// <summary>The update rule, with its moments.</summary>
    public IOptimizer Optimizer { get; private set; } = optimizer;

    /// <summary>Updates applied: the version of <see cref="Parameters"/>.</summary>
    public long Updates { get; private set; }

    /// <summary>Gradients refused because they were not finite.</summary>
    public long Refused { get; private set; }

    /// <summary>The learning rate of the next step.</summary>
    public float LearningRate { get; set; }

    /// <summary>What the loss measured at the latest step, before it.</summary>
    public LossSums Measured { get; private set; }

    /// <summary>Has a loss see the outputs for these rows of the batch; changes nothing.</summary>
    public void Measure(RolloutBatch batch, ReadOnlyMemory<int> rows, IRowLoss loss) => gradients.Compute(Parameters, batch.Observations, rows, loss, gradient: default, batch.History);

    /// <summary>One optimizer step on the loss over these rows of the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">The minibatch.</param>
    /// <param name="loss">Whose gradient; already divided by the number of rows.</param>
    /// <param name="maximumNorm">Global norm that the gradient is clipped to; 0 for none.</param>
    /// <param name="maximumDivergence">Mean KL(μ ‖ π), nats, beyond which the step is not taken.</param>
    /// <param name="minimumEffectiveSamples">Effective sample size, as a part of the rows, under which the step is not taken.</param>
    /// <returns>Whether both were within their bounds.</returns>
    public bool Step(RolloutBatch batch, ReadOnlyMemory<int> rows, IRowLoss loss, double maximumNorm, double maximumDivergence = double.PositiveInfinity, double minimumEffectiveSamples = 0)
    {
        var measured = gradients.Compute(Parameters, batch.Observations, rows, loss, gradient, batch.History);
        Measured = measured;
        if (measured.Divergence / measured.Rows > maximumDivergence || measured.EffectiveSampleFraction < minimumEffectiveSamples)
            return false;
        var norm = step.Apply(Optimizer, Parameters, gradient, maximumNorm, LearningRate, gradients.Squares);
        if (!float.IsFinite(norm))
        {
            Refused++;
            return true;
        }
        Updates++;
        steps++;
        gradientNorm += norm;
        sums.Add(measured);
        return true;
    }

    /// <summary>Begins anew.</summary>
    /// <param name="initial">θ [P].</param>
    /// <param name="fresh">The update rule, as it starts.</param>
    public void Reset(ReadOnlySpan<float> initial, IOptimizer fresh)
    {
        initial.CopyTo(Parameters);
        (Optimizer, Updates) = (fresh, 0);
        TakeLosses();
    }

    /// <summary>Shows θ, the optimizer and the losses since the last report, for a snapshot.</summary>
    public void Visit(IStateVisitor state)
    {
        state.Visit("parameters", Parameters);
        state.Visit("optimizer", Optimizer);
        var updates = Updates;
        state.Visit("version", ref updates);
        Updates = updates;
        state.Visit("losses", ref sums);
        state.Visit("losses.gradient-norm", ref gradientNorm);
        state.Visit("losses.steps", ref steps);
    }

    /// <summary>Means over the steps since the last call; NaN when there were none.</summary>
    public RolloutLosses TakeLosses()
    {
        double rows = sums.Rows;
        var losses = new RolloutLosses(
            new ActorCriticLosses(sums.Policy / rows, sums.Value / rows, sums.Entropy / rows, gradientNorm / steps),
            sums.Divergence / rows, sums.Clipped / rows, sums.EffectiveSampleFraction);
        (sums, gradientNorm, steps) = (default, 0, 0);
        return losses;
    }
}

/// <summary>What the updates of one batch measured: means over their rows.</summary>
/// <param name="Losses">The terms of the loss.</param>
/// <param name="Divergence">KL of the policy that acted from the one that learned, nats.</param>
/// <param name="ClippedFraction">Rows whose gradient was clipped away, 0 to 1.</param>
/// <param name="EffectiveSampleFraction">Of the importance weights, 0 to 1; 1 when the data were the policy's own.</param>
public readonly record struct RolloutLosses(ActorCriticLosses Losses, double Divergence, double ClippedFraction, double EffectiveSampleFraction);
