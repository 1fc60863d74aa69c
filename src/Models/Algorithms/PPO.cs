using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Proximal policy optimization with clipping: several passes over a batch of rollouts, minibatch by minibatch, each row's gradient
/// cut off once its action has become likelier (or less likely) by more than the clip range.
/// </summary>
/// <remarks>
/// <para>Source: J. Schulman et al., "Proximal Policy Optimization Algorithms" (2017), Algorithm 1:</para>
/// <code>
/// for iteration = 1, 2, … do
///   for actor = 1, …, N do
///     run policy π_old in the env for T timesteps                      the workers
///     compute advantage estimates Â_1, …, Â_T                          Learn
///   optimize surrogate L wrt θ, with K epochs and minibatch size M     Learn
///     L = E[ L_clip + c_v L_value + c_reg L_reg ]                      Gradient
///   θ_old ← θ                                                          the learner
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>L is descended: L_clip = −min(w A, clip(w, 1 − ε, 1 + ε) A), L_value = ½(R − V)², L_reg = −H.</item>
/// <item>A truncated episode bootstraps from its final observation, like one that goes on.</item>
/// <item>Advantages are normalised minibatch by minibatch; gradients are clipped by their global norm (both as in the authors' code).</item>
/// <item>The clipping of the value function, in the authors' code too, is off unless asked for.</item>
/// <item>A batch is left, without the step at hand, when the mean of (w − 1) − log w over a minibatch, which estimates KL(π_old ‖ π), exceeds
/// 1.5 times a target; off unless asked for.</item>
/// <item>ε may fall with the env steps.</item>
/// <item>With a memory, minibatches are whole sequences of an env, each from the state that the worker had at the rollout's start; in later
/// epochs that state is of older parameters. The gradient goes back through time to the rollout's start, and across no episode's end.</item>
/// </list>
/// </remarks>
/// <param name="settings">The hyperparameters.</param>
/// <param name="policy">The distribution that the policy columns parametrise.</param>
/// <param name="columns">Where policy and value lie in an output row.</param>
/// <param name="batchSize">The most rows of a batch.</param>
public sealed class PPO(PPOSettings settings, PolicyDistribution policy, ActorCriticOutputs columns, int batchSize) : IRolloutAlgorithm, IRowLoss
{
    private const double DivergenceMargin = 1.5;

    private readonly Minibatches minibatches = new(batchSize);
    private readonly double maximumDivergence = settings.TargetDivergence > 0 ? DivergenceMargin * settings.TargetDivergence : double.PositiveInfinity;
    private RolloutBatch batch = null!;
    private AdvantageNormalization normalization;
    private float clipRange;
    private float perRow;

    /// <inheritdoc/>
    public void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random)
    {
        this.batch = batch;
        clipRange = (float)(settings.ClipRange + (settings.FinalClipRange - settings.ClipRange) * progress);
        batch.EstimateAdvantages(settings.Gamma, settings.GaeLambda);
        minibatches.Begin(batch, settings.MinibatchSize);
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            minibatches.Shuffle(random);
            for (var m = 0; m < minibatches.Count; m++)
            {
                var rows = minibatches[m];
                // One minibatch of all rows is the same in every epoch.
                if (epoch == 0 || minibatches.Count > 1)
                    normalization = settings.NormalizeAdvantages ? AdvantageNormalization.Of(batch.Advantages, rows.Span) : AdvantageNormalization.None;
                perRow = 1f / rows.Length;
                if (!descent.Step(batch, rows, this, settings.MaximumGradientNorm, maximumDivergence))
                    return;
            }
        }
    }

    /// <summary>The gradient of L over these rows of a minibatch.</summary>
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
            var (policyLoss, slope, isClipped) = ClippedSurrogate.Compute(weight, normalization.Apply(batch.Advantages[row]), clipRange);
            PolicyDistribution.Combine(policyGradient, perRow * slope, now.EntropyGradient(place), -perRow * (float)settings.EntropyCoefficient);
            columns.ScatterPolicy(policyGradient, gradient);

            var (valueLoss, valueSlope) = ValueError.Compute(
                columns.Value(outputs.Slice(i * width, width)), batch.Returns[row], batch.Values[row], (float)settings.ValueClipRange);
            columns.Value(gradient) = perRow * (float)settings.ValueCoefficient * valueSlope;

            sums.Policy += policyLoss;
            sums.Value += valueLoss;
            sums.Divergence += weight - 1 - now.LogWeights[place];
            sums.Clipped += isClipped ? 1 : 0;
        }
    }
}
