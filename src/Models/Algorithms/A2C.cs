using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Algorithms;

/// <summary>Advantage actor-critic, synchronous: one gradient step a batch, with Monte-Carlo, n-step or TD estimates of the value.</summary>
/// <remarks>
/// <para>
/// Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), Algorithm S3 with all workers in step; as batch
/// actor-critic R. Sutton and A. Barto, "Reinforcement Learning: An Introduction" (2018), section 13.5:
/// </para>
/// <code>
/// repeat
///   for each env: act for t_max steps with π(· | s; θ)                  the workers
///   R, A ← Monte-Carlo, n-step or TD estimates                          Learn
///   dθ ← ∇ mean( −A log π(a | s; θ) + c_v ½(R − V(s; θ))² − c_reg H )    Gradient
///   θ ← θ − η dθ                                                        Learn
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>The batch of all workers makes one update; the losses are means over its rows, where A3C sums over a rollout.</item>
/// <item>A truncated episode bootstraps from its final observation, like one that goes on.</item>
/// <item>The estimate is generalized (λ; Schulman et al. 2016, eq. 16) with R = A + V: λ = 1 is the n-step return, λ = 0 the one-step TD error.
/// Monte-Carlo estimates are λ = 1 over whole episodes.</item>
/// <item>Advantages may be normalised over the batch; the gradient is clipped by its global norm.</item>
/// </list>
/// </remarks>
/// <param name="settings">The hyperparameters.</param>
/// <param name="policy">The distribution that the policy columns parametrise.</param>
/// <param name="columns">Where policy and value lie in an output row.</param>
/// <param name="batchSize">The most rows of a batch.</param>
public sealed class A2C(A2CSettings settings, PolicyDistribution policy, ActorCriticOutputs columns, int batchSize) : IRolloutAlgorithm, IRowLoss
{
    private readonly Minibatches minibatches = new(batchSize);
    private RolloutBatch batch = null!;
    private AdvantageNormalization normalization;
    private float perRow;

    /// <inheritdoc/>
    public void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random)
    {
        this.batch = batch;
        batch.EstimateAdvantages(settings.Gamma, settings.Estimate == ValueEstimate.Episode ? 1 : settings.GaeLambda);
        minibatches.Begin(batch.Count, batch.Count);
        normalization = settings.NormalizeAdvantages ? AdvantageNormalization.Of(batch.Advantages, minibatches.All.Span) : AdvantageNormalization.None;
        perRow = 1f / batch.Count;
        descent.Step(batch, minibatches.All, this, settings.MaximumGradientNorm);
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

            var error = columns.Value(output) - batch.Returns[row];
            columns.Value(gradient) = perRow * (float)settings.ValueCoefficient * error;

            sums.Policy -= advantage * batch.LogProbabilities[row];
            sums.Value += 0.5 * error * error;
            sums.Entropy += entropy;
            sums.Weight += 1;
            sums.WeightSquare += 1;
        }
    }
}
