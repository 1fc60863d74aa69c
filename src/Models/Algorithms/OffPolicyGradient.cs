using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Policy gradient by importance sampling: the episodes of an older policy serve several updates, each step weighted by how much
/// likelier its action has become since.
/// </summary>
/// <remarks>
/// <para>Source: S. Levine, CS 285, "Policy Gradients", off-policy policy gradients with the first-order approximation, where a step's
/// weight is that of its own action alone:</para>
/// <code>
/// sample episodes from μ = π(· | ·; θ)                                  the workers
/// A ← rewards to go − V(s)                                              Learn
/// repeat K times                                                        Learn
///   w ← π(a | s; θ) / μ(a | s), at most c                               Gradient
///   dθ ← −mean( w A ∇ log π(a | s; θ) ) + c_v ∇ mean ½(R − V(s; θ))²    Gradient
///   θ ← θ − η dθ; leave when (Σ w)² / Σ w² is too small                 Learn
/// </code>
/// <para>Differences from the source:</para>
/// <list type="number">
/// <item>A learned baseline, and the generalized advantage where λ is below 1.</item>
/// <item>Weights may be truncated (E. Ionides (2008)); the effective sample size is of the weights before that, over the whole batch, and
/// checked before each step is taken.</item>
/// <item>An entropy bonus, normalised advantages and clipping of the gradient's norm.</item>
/// </list>
/// </remarks>
/// <param name="settings">The hyperparameters.</param>
/// <param name="policy">The distribution that the policy columns parametrise.</param>
/// <param name="columns">Where policy and value lie in an output row.</param>
/// <param name="batchSize">The most rows of a batch.</param>
public sealed class OffPolicyGradient(OffPolicyGradientSettings settings, PolicyDistribution policy, ActorCriticOutputs columns, int batchSize) : IRolloutAlgorithm, IRowLoss
{
    private readonly Minibatches minibatches = new(batchSize);
    private RolloutBatch batch = null!;
    private AdvantageNormalization normalization;
    private float perRow;

    /// <inheritdoc/>
    public void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random)
    {
        this.batch = batch;
        batch.EstimateAdvantages(settings.Gamma, settings.GaeLambda);
        minibatches.Begin(batch.Count, batch.Count);
        normalization = settings.NormalizeAdvantages ? AdvantageNormalization.Of(batch.Advantages, minibatches.All.Span) : AdvantageNormalization.None;
        perRow = 1f / batch.Count;
        for (var update = 0; update < settings.Epochs; update++)
            if (!descent.Step(batch, minibatches.All, this, settings.MaximumGradientNorm, minimumEffectiveSamples: settings.MinimumEffectiveSamples))
                return;
    }

    /// <summary>The gradient of the loss over these rows of the batch.</summary>
    public void Gradient(ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, Span<float> gradients, ref LossSums sums)
    {
        var width = gradients.Length / rows.Length;
        var now = new PolicyRows(columns, policy.ActionSize, stackalloc float[PolicyRows.FloatsNeeded(columns, policy.ActionSize)]);
        for (var i = 0; i < rows.Length; i++)
        {
            var place = now.Place(i, policy, columns, batch, rows, outputs, ref sums);
            var row = rows[i];
            var weight = now.Weights[place];
            var policyGradient = now.Score(place);
            var gradient = gradients.Slice(i * width, width);
            var (policyLoss, slope, isTruncated) = ImportanceWeight.Compute(weight, normalization.Apply(batch.Advantages[row]), (float)settings.MaximumWeight);
            PolicyDistribution.Combine(policyGradient, perRow * slope, now.EntropyGradient(place), -perRow * (float)settings.EntropyCoefficient);
            columns.ScatterPolicy(policyGradient, gradient);

            var error = columns.Value(outputs.Slice(i * width, width)) - batch.Returns[row];
            columns.Value(gradient) = perRow * (float)settings.ValueCoefficient * error;

            sums.Policy += policyLoss;
            sums.Value += 0.5 * error * error;
            sums.Divergence += weight - 1 - now.LogWeights[place];
            sums.Clipped += isTruncated ? 1 : 0;
        }
    }
}
