using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Returns;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// IMPALA: an actor-critic whose workers go on acting with an older policy while the learner updates; V-trace corrects for the difference.
/// </summary>
/// <remarks>
/// <para>
/// Source: L. Espeholt et al., "IMPALA: Scalable Distributed Deep-RL with Importance Weighted Actor-Learner Architectures" (2018), sections 3 and 4:
/// </para>
/// <code>
/// repeat
///   for each env: act for n steps with μ = π(· | s; θ of an update ago)           the workers, during the update
///   w ← π(a | s; θ) / μ(a | s); V(s; θ)                                           Predict
///   ρ ← min(ρ̄, w), c ← λ min(c̄, w)                                               VTrace
///   v_s ← V(s_s) + Σ_t γ^{t−s} (Π c_i) ρ_t (r_t + γ V(s_{t+1}) − V(s_t))          VTrace
///   A_s ← ρ_s (r_s + γ v_{s+1} − V(s_s))                                          VTrace
///   dθ ← ∇ mean( −A log π(a | s; θ) + c_v ½(v − V(s; θ))² − c_reg H )             Gradient
///   θ ← θ − η dθ                                                                  Learn
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>The lag is one update for every worker, by construction: a worker is sent on with the parameters at hand when its rollout has come,
/// before that is learned from. So a run is the same for a seed whatever the timing; the paper's lag is what happens.</item>
/// <item>The batch of all workers makes one update; the losses are means over its rows, where the paper sums.</item>
/// <item>The values that the ends of rollouts bootstrap from are of the network that acted.</item>
/// <item>A truncated episode bootstraps from its final observation, like one that goes on.</item>
/// </list>
/// </remarks>
/// <param name="settings">The hyperparameters.</param>
/// <param name="policy">The distribution that the policy columns parametrise.</param>
/// <param name="columns">Where policy and value lie in an output row.</param>
/// <param name="batchSize">The most rows of a batch.</param>
public sealed class Impala(ImpalaSettings settings, PolicyDistribution policy, ActorCriticOutputs columns, int batchSize) : IRolloutAlgorithm, IRowLoss
{
    private readonly Minibatches minibatches = new(batchSize);
    private readonly Prediction prediction = new(policy, columns, batchSize);

    private readonly VTraceFactors factors =
        new((float)settings.Gamma, (float)settings.TraceLambda, (float)settings.MaximumWeight, (float)settings.MaximumTraceWeight);

    private RolloutBatch batch = null!;
    private float perRow;

    /// <inheritdoc/>
    public void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random)
    {
        this.batch = prediction.Batch = batch;
        minibatches.Begin(batch.Count, batch.Count);
        descent.Measure(batch, minibatches.All, prediction);
        foreach (var (start, steps, bootstrapValue) in batch.Segments)
        {
            var rows = start..(start + steps);
            VTrace.Compute(
                batch.Rewards.AsSpan(rows), prediction.Values.AsSpan(rows), prediction.Weights.AsSpan(rows), batch.Terminated.AsSpan(rows), batch.Truncated.AsSpan(rows),
                batch.FinalValues.AsSpan(rows), bootstrapValue, factors, batch.Returns.AsSpan(rows), batch.Advantages.AsSpan(rows));
        }
        perRow = 1f / batch.Count;
        descent.Step(batch, minibatches.All, this, settings.MaximumGradientNorm);
    }

    /// <summary>The gradient of the loss over these rows of the batch; <see cref="RolloutBatch.Advantages"/> hold ρ already.</summary>
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

            var (advantage, weight) = (batch.Advantages[row], prediction.Weights[row]);
            var entropy = policy.Gradient(
                parameters, batch.Action(row), -perRow * advantage, -perRow * (float)settings.EntropyCoefficient, policyGradient);
            columns.ScatterPolicy(policyGradient, gradient);

            var error = columns.Value(output) - batch.Returns[row];
            columns.Value(gradient) = perRow * (float)settings.ValueCoefficient * error;

            var logWeight = prediction.LogWeights[row];
            sums.Policy -= advantage * (logWeight + batch.LogProbabilities[row]);
            sums.Value += 0.5 * error * error;
            sums.Entropy += entropy;
            sums.Divergence += weight - 1 - logWeight;
            sums.Clipped += weight > settings.MaximumWeight ? 1 : 0;
            sums.Weight += weight;
            sums.WeightSquare += weight * weight;
        }
    }

    /// <summary>What the learner's network says of the batch before it is updated: V(s) and w of every row.</summary>
    private sealed class Prediction(PolicyDistribution policy, ActorCriticOutputs columns, int batchSize) : IRowLoss
    {
        public RolloutBatch Batch { private get; set; } = null!;

        public float[] Values { get; } = new float[batchSize];

        public float[] LogWeights { get; } = new float[batchSize];

        public float[] Weights { get; } = new float[batchSize];

        public void Gradient(ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, Span<float> gradients, ref LossSums sums)
        {
            var width = outputs.Length / rows.Length;
            Span<float> parameters = stackalloc float[columns.PolicySize];
            for (var i = 0; i < rows.Length; i++)
            {
                var row = rows[i];
                var output = outputs.Slice(i * width, width);
                columns.GatherPolicy(output, Batch.Behaviour(row), parameters);
                Values[row] = columns.Value(output);
                LogWeights[row] = policy.LogProbability(parameters, Batch.Action(row)) - Batch.LogProbabilities[row];
                Weights[row] = MathF.Exp(LogWeights[row]);
            }
        }
    }
}
