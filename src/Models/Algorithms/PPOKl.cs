using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Proximal policy optimization with a KL penalty: several passes over a batch of rollouts, held near the policy that collected it by a
/// penalty that adapts to how far the last batch went.
/// </summary>
/// <remarks>
/// <para>Source: J. Schulman et al., "Proximal Policy Optimization Algorithms" (2017), section 4:</para>
/// <code>
/// for iteration = 1, 2, … do
///   run policy π_old, compute advantage estimates                      the workers, Learn
///   with several epochs of minibatch SGD, optimize                     Learn
///     L = E[ −w A + β KL(π_old ‖ π) + c_v L_value + c_reg L_reg ]      Gradient
///   d ← E[ KL(π_old ‖ π) ]                                             Adapt
///   if d &lt; d_targ / 1.5: β ← β / 2; if d &gt; 1.5 d_targ: β ← 2 β         Adapt
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>L is descended; L_value = ½(R − V)², L_reg = −H.</item>
/// <item>KL is exact, between the distributions that the workers recorded and the present ones; d is its mean over the last epoch's
/// minibatches, each before its step, and no extra pass over the batch.</item>
/// <item>β is kept within 1e-4 and 1e4, so that it can come back.</item>
/// <item>A truncated episode bootstraps from its final observation; advantages are normalised minibatch by minibatch; gradients are clipped
/// by their global norm.</item>
/// </list>
/// </remarks>
/// <param name="settings">The hyperparameters.</param>
/// <param name="policy">The distribution that the policy columns parametrise.</param>
/// <param name="columns">Where policy and value lie in an output row.</param>
/// <param name="batchSize">The most rows of a batch.</param>
public sealed class PPOKl(PPOKlSettings settings, PolicyDistribution policy, ActorCriticOutputs columns, int batchSize) : IRolloutAlgorithm, IRowLoss
{
    private const double Tolerance = 1.5, SmallestPenalty = 1e-4, LargestPenalty = 1e4;

    private readonly Minibatches minibatches = new(batchSize);
    private RolloutBatch batch = null!;
    private AdvantageNormalization normalization;
    private float perRow;
    private double penalty = settings.InitialPenalty;

    /// <inheritdoc/>
    public void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random)
    {
        this.batch = batch;
        batch.EstimateAdvantages(settings.Gamma, settings.GaeLambda);
        minibatches.Begin(batch, settings.MinibatchSize);
        var lastEpoch = new LossSums();
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            minibatches.Shuffle(random);
            lastEpoch = new LossSums();
            for (var m = 0; m < minibatches.Count; m++)
            {
                var rows = minibatches[m];
                normalization = settings.NormalizeAdvantages ? AdvantageNormalization.Of(batch.Advantages, rows.Span) : AdvantageNormalization.None;
                perRow = 1f / rows.Length;
                descent.Step(batch, rows, this, settings.MaximumGradientNorm);
                lastEpoch.Add(descent.Measured);
            }
        }
        penalty = Adapt(penalty, lastEpoch.Divergence / lastEpoch.Rows, settings.TargetDivergence);
    }

    /// <summary>β.</summary>
    public void Visit(IStateVisitor state) => state.Visit("penalty", ref penalty);

    /// <summary>β for the next batch.</summary>
    /// <param name="penalty">β of this one.</param>
    /// <param name="divergence">d, nats.</param>
    /// <param name="target">d_targ, nats.</param>
    public static double Adapt(double penalty, double divergence, double target) =>
        divergence < target / Tolerance ? Math.Max(penalty / 2, SmallestPenalty)
        : divergence > target * Tolerance ? Math.Min(penalty * 2, LargestPenalty)
        : penalty;

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
            var advantage = normalization.Apply(batch.Advantages[row]);
            PolicyDistribution.Combine(policyGradient, -perRow * weight * advantage, now.EntropyGradient(place), -perRow * (float)settings.EntropyCoefficient);
            var divergence = policy.AddDivergenceGradient(batch.Behaviour(row), now.Parameters(place), perRow * (float)penalty, policyGradient);
            columns.ScatterPolicy(policyGradient, gradient);

            var error = columns.Value(outputs.Slice(i * width, width)) - batch.Returns[row];
            columns.Value(gradient) = perRow * (float)settings.ValueCoefficient * error;

            sums.Policy += (float)penalty * divergence - weight * advantage;
            sums.Value += 0.5 * error * error;
            sums.Divergence += divergence;
        }
    }
}
