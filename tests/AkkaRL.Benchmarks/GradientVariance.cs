using System.Globalization;
using System.Numerics.Tensors;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Benchmarks;

/// <summary>
/// How noisy REINFORCE's gradient is at each step from the plain estimator to a learned baseline: one policy that stays as it is, many
/// batches of CartPole episodes, on each batch the gradient of every estimator, as <see cref="Reinforce"/> itself computes it.
/// </summary>
/// <remarks>
/// Over M batches with gradients g: trace of the covariance tr Σ = Σ ‖g − ḡ‖² / (M − 1), and the squared norm of the mean without the bias
/// that noise adds to it, ‖ḡ‖² − tr Σ / M.
/// </remarks>
internal sealed class GradientVariance : IDisposable
{
    private const int Episodes = 16;
    private const int Batches = 1_000;
    private const int FittingBatches = 300;
    private const ulong Seed = 1;

    private static readonly (string Step, string Keys, ReinforceSettings Settings)[] Walk =
    [
        Estimator("plain", "credit = whole, baseline = none, gamma = 1", ActionCredit.Whole, Baseline.None, 1),
        Estimator("reward to go", "credit = togo", ActionCredit.ToGo, Baseline.None, 1),
        Estimator("discounted", "gamma = 0.99", ActionCredit.ToGo, Baseline.None, 0.99),
        Estimator("constant baseline", "baseline = constant", ActionCredit.ToGo, Baseline.Constant, 0.99),
        Estimator("learned baseline", "baseline = learned", ActionCredit.ToGo, Baseline.Learned, 0.99),
    ];

    private readonly RandomStream random = new(Seed);
    private readonly ActorCriticPolicy policy;
    private readonly IEnv env;
    private readonly INetwork network;
    private readonly ShardedGradient gradients;
    private readonly Rollout rollout;
    private readonly RolloutBatch batch;
    private readonly float[] parameters;

    private GradientVariance(RunPlan plan, float[] parameters)
    {
        this.parameters = parameters;
        policy = (ActorCriticPolicy)plan.Policy;
        env = plan.MakeEnv();
        network = plan.MakeNetwork(2);
        var steps = plan.Env.MaximumEpisodeSteps!.Value;
        gradients = new ShardedGradient([plan.MakeNetwork], Episodes * steps);
        rollout = new Rollout(Episodes, steps, plan.ObservationSize, policy.Distribution.ActionSize, policy.Outputs.PolicySize);
        batch = new RolloutBatch(Episodes * steps, plan.ObservationSize, policy.Distribution.ActionSize, policy.Outputs.PolicySize);
        env.Reset(Seed, new float[plan.ObservationSize]);
    }

    /// <summary>Measures a policy that has just begun to learn and one that balances for a while, and prints a Markdown table of each.</summary>
    public static async Task PrintAsync(TextWriter output)
    {
        foreach (var trainingSteps in new[] { 5_000, 20_000 })
        {
            // As hocon/experiments/cartpole-reinforce.conf, cut short; two trunks, so that fitting V leaves the policy alone.
            var settings = new RunSettings
            {
                Algorithm = "reinforce",
                Seed = Seed,
                TotalSteps = trainingSteps,
                StopWhenSolved = false,
                Network = new NetworkSettings { SharedTrunk = false },
                Optimizer = new OptimizerSettings { Kind = OptimizerKind.Adam },
                Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 },
                Reinforce = new ReinforceSettings { EnvsPerWorker = 2, LearningRate = 3e-3, NormalizeAdvantages = true },
            };
            var spec = EnvCatalog.BuiltIn.Find(settings.Environment);
            var trained = await TrainingRun.StartAsync(settings, spec);
            using var last = trained.Last;
            using var best = trained.Best;
            using var measurement = new GradientVariance(new RunPlan(settings, spec), last.Parameters.ToArray());
            measurement.Print(output, trainingSteps);
        }
    }

    public void Dispose()
    {
        env.Dispose();
        network.Dispose();
        gradients.Dispose();
    }

    private void Print(TextWriter output, int trainingSteps)
    {
        FitValues();
        var moments = Walk.Select(_ => new Moments(parameters.Length)).ToArray();
        var descents = moments.Select(moment => new PolicyDescent(parameters, moment, gradients)).ToArray();
        var estimators = Walk.Select(step => new Reinforce(step.Settings, policy.Distribution, policy.Outputs, batch.Capacity)).ToArray();
        var rows = 0L;
        for (var i = 0; i < Batches; i++)
        {
            Collect();
            rows += batch.Count;
            foreach (var (estimator, descent) in estimators.Zip(descents))
                estimator.Learn(batch, descent, progress: 0, random);
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"CartPole-v1, the policy after {trainingSteps:N0} env steps of training (seed {Seed}): {(double)rows / Batches / Episodes:0.0} steps an episode; {Batches:N0} batches of {Episodes} episodes."));
        output.WriteLine();
        output.WriteLine("| Step | Keys of `reinforce` | tr Σ | ‖mean‖² | noise to signal | plain's noise to signal over it |");
        output.WriteLine("|---|---|---|---|---|---|");
        var plain = moments[0].Covariance / moments[0].Signal;
        foreach (var ((step, keys, _), moment) in Walk.Zip(moments))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {step} | `{keys}` | {moment.Covariance:G3} | {moment.Signal:G3} | {moment.Covariance / moment.Signal:G3} | {plain / (moment.Covariance / moment.Signal):0.0} |"));
        output.WriteLine();
    }

    private static (string, string, ReinforceSettings) Estimator(string step, string keys, ActionCredit credit, Baseline baseline, double gamma) =>
        (step, keys, new ReinforceSettings { Credit = credit, Baseline = baseline, Gamma = gamma, ValueCoefficient = 0, MaximumGradientNorm = 0 });

    /// <summary>Regresses V on the returns of this very policy, on episodes of its own; the policy's gradient is zero here, and Adam leaves it.</summary>
    private void FitValues()
    {
        var fit = new ValueFit(batch, policy.Outputs);
        var descent = new PolicyDescent(parameters, new Adam(parameters.Length, 1e-5f, 0.9f, 0.999f), gradients) { LearningRate = 3e-3f };
        for (var i = 0; i < FittingBatches; i++)
        {
            Collect();
            batch.EstimateAdvantages(gamma: 0.99, lambda: 1);
            int[] rows = [.. Enumerable.Range(0, batch.Count)];
            for (var step = 0; step < 5; step++)
                descent.Step(batch, rows, fit, maximumNorm: 0);
        }
    }

    /// <summary>Plays a batch of whole episodes with the policy as it is.</summary>
    private void Collect()
    {
        network.Load(parameters);
        Span<float> observation = stackalloc float[batch.ObservationSize];
        for (var episode = 0; episode < Episodes; episode++)
        {
            env.Reset(null, observation);
            var (ended, step) = (false, 0);
            for (; !ended; step++)
            {
                var row = episode * rollout.StepsMaximum + step;
                var columns = rollout.PolicyParameters.AsSpan(row * rollout.PolicySize, rollout.PolicySize);
                var action = rollout.Actions.AsSpan(row * rollout.ActionSize, rollout.ActionSize);
                observation.CopyTo(rollout.Observations.AsSpan(row * rollout.ObservationSize));
                var output = network.Forward(observation);
                policy.Outputs.GatherPolicy(output, columns);
                rollout.LogProbabilities[row] = policy.Distribution.Sample(columns, random, action);
                rollout.Values[row] = policy.Outputs.Value(output);
                var result = env.Step(action, observation);
                (rollout.Rewards[row], rollout.Terminated[row], rollout.Truncated[row]) = ((float)result.Reward, result.Terminated, result.Truncated);
                rollout.FinalValues[row] = result.Truncated && !result.Terminated ? policy.Outputs.Value(network.Forward(observation, row: 1)) : 0;
                ended = result.EpisodeEnded;
            }
            rollout.Steps[episode] = step;
        }
        batch.Clear();
        batch.Append(rollout);
    }

    /// <summary>½(R − V)², a mean over the batch, and nothing for the policy.</summary>
    private sealed class ValueFit(RolloutBatch batch, ActorCriticOutputs columns) : IRowLoss
    {
        public void Gradient(ReadOnlySpan<int> rows, ReadOnlySpan<float> outputs, Span<float> gradients, ref LossSums sums)
        {
            gradients.Clear();
            var width = gradients.Length / rows.Length;
            for (var i = 0; i < rows.Length; i++)
                columns.Value(gradients.Slice(i * width, width)) = (columns.Value(outputs.Slice(i * width, width)) - batch.Returns[rows[i]]) / batch.Count;
        }
    }

    /// <summary>Takes gradients as an optimizer would, keeps their moments, and changes no parameter.</summary>
    private sealed class Moments(int parameterCount) : IOptimizer
    {
        private readonly double[] sum = new double[parameterCount];
        private readonly double[] row = new double[parameterCount];
        private double squares;

        Span<float> IOptimizer.Moments => [];

        public long Updates { get; set; }

        /// <summary>tr Σ.</summary>
        public double Covariance => (squares - TensorPrimitives.SumOfSquares<double>(sum) / Updates) / (Updates - 1);

        /// <summary>‖mean‖², unbiased.</summary>
        public double Signal => TensorPrimitives.SumOfSquares<double>(sum) / Updates / Updates - Covariance / Updates;

        public void Update(Span<float> parameters, ReadOnlySpan<float> gradient, float learningRate)
        {
            UpdatePiece(parameters, gradient, 0, learningRate);
            Updates++;
        }

        public void UpdatePiece(Span<float> parameters, ReadOnlySpan<float> gradient, int start, float learningRate)
        {
            lock (row)
            {
                var ownRow = row.AsSpan(start, gradient.Length);
                var ownSum = sum.AsSpan(start, gradient.Length);
                TensorPrimitives.ConvertChecked<float, double>(gradient, ownRow);
                TensorPrimitives.Add<double>(ownSum, ownRow, ownSum);
                squares += TensorPrimitives.SumOfSquares<double>(ownRow);
            }
        }
    }
}
