using System.Numerics.Tensors;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Returns;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Algorithms;

/// <summary>REINFORCE: whole episodes, each action made likelier in proportion to the return it is credited with, less a baseline.</summary>
/// <remarks>
/// <para>Source: R. Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning" (1992); the
/// switches are the steps of S. Levine, CS 285, "Policy Gradients":</para>
/// <code>
/// sample episodes from π(· | ·; θ)                                      the workers
/// ψ_t ← Σ_k γ^k r_k                     (credit = whole)                 Credit
///    or Σ_{k≥t} γ^{k−t} r_k             (credit = togo)                  Credit
/// b   ← 0, mean of ψ, or V(s_t; θ)      (baseline = none, constant, learned)  Credit
/// dθ  ← −mean( ∇ log π(a_t | s_t; θ) (ψ_t − b) )                        Gradient
/// learned: dθ ← dθ + c_v ∇ mean ½(G_t − V(s_t; θ))²                     Gradient
/// θ ← θ − η dθ                                                          Learn
/// </code>
/// <para>Differences from the source:</para>
/// <list type="number">
/// <item>The gradient is a mean over steps, not over episodes: the same direction, of a length that does not grow with the episodes'.</item>
/// <item>The constant baseline is the mean over the batch itself, which biases the gradient by the order of one over its size.</item>
/// <item>An episode that was truncated counts as if nothing followed, but with a learned baseline, where V of its final observation does.</item>
/// <item>An entropy bonus, advantages normalised over the batch and clipping of the gradient's norm can be asked for.</item>
/// </list>
/// </remarks>
/// <param name="settings">The hyperparameters.</param>
/// <param name="policy">The distribution that the policy columns parametrise.</param>
/// <param name="columns">Where policy and value lie in an output row.</param>
/// <param name="batchSize">The most rows of a batch.</param>
public sealed class Reinforce(ReinforceSettings settings, PolicyDistribution policy, ActorCriticOutputs columns, int batchSize) : IRolloutAlgorithm, IRowLoss
{
    private readonly Minibatches minibatches = new(batchSize);
    private RolloutBatch batch = null!;
    private AdvantageNormalization normalization;
    private float perRow;

    /// <inheritdoc/>
    public void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random)
    {
        this.batch = batch;
        Credit(batch);
        minibatches.Begin(batch.Count, batch.Count);
        normalization = settings.NormalizeAdvantages ? AdvantageNormalization.Of(batch.Advantages, minibatches.All.Span) : AdvantageNormalization.None;
        perRow = 1f / batch.Count;
        descent.Step(batch, minibatches.All, this, settings.MaximumGradientNorm);
    }

    /// <summary>Writes ψ − b into the batch's advantages, and what V is regressed on into its returns.</summary>
    private void Credit(RolloutBatch batch)
    {
        var gamma = (float)settings.Gamma;
        batch.EstimateAdvantages(settings.Gamma, lambda: 1);
        if (settings is { Credit: ActionCredit.ToGo, Baseline: Baseline.Learned })
            return;
        foreach (var (start, steps, _) in batch.Segments)
        {
            var rewards = batch.Rewards.AsSpan(start, steps);
            var credits = batch.Advantages.AsSpan(start, steps);
            if (settings.Credit == ActionCredit.Whole)
                EpisodeReturns.Whole(rewards, gamma, credits);
            else
                EpisodeReturns.ToGo(rewards, gamma, credits);
        }
        var all = batch.Advantages.AsSpan(0, batch.Count);
        if (settings.Baseline == Baseline.Learned)
            TensorPrimitives.Subtract(all, batch.Values.AsSpan(0, batch.Count), all);
        else if (settings.Baseline == Baseline.Constant)
            TensorPrimitives.Subtract(all, TensorPrimitives.Sum<float>(all) / batch.Count, all);
    }

    /// <summary>The gradient of the loss over these rows of the batch.</summary>
    public void Gradient(ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, Span<float> gradients, ref LossSums sums)
    {
        var width = gradients.Length / rows.Length;
        Span<float> parameters = stackalloc float[columns.PolicySize];
        Span<float> policyGradient = stackalloc float[columns.PolicySize];
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var output = outputs.Slice(i * width, width);
            var gradient = gradients.Slice(i * width, width);
            columns.GatherPolicy(output, batch.Behaviour(row), parameters);

            var advantage = normalization.Apply(batch.Advantages[row]);
            var entropy = policy.Gradient(
                parameters, batch.Action(row), -perRow * advantage, -perRow * (float)settings.EntropyCoefficient, policyGradient);
            columns.ScatterPolicy(policyGradient, gradient);

            var error = settings.Baseline == Baseline.Learned ? columns.Value(output) - batch.Returns[row] : 0;
            columns.Value(gradient) = perRow * (float)settings.ValueCoefficient * error;

            sums.Policy -= advantage * batch.LogProbabilities[row];
            sums.Value += 0.5 * error * error;
            sums.Entropy += entropy;
            sums.Weight += 1;
            sums.WeightSquare += 1;
        }
    }
}
