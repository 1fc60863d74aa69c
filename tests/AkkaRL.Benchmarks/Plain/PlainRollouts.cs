using System.Diagnostics;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using static TorchSharp.torch;

namespace AkkaRL.Benchmarks.Plain;

/// <summary>
/// A2C and PPO with clipping as one writes them with TorchSharp: a module each for policy and value, a distribution, autograd through the
/// whole loss, an optimizer of torch; one loop on one thread. It takes an AkkaRL run's settings and does what that run does. For Discrete
/// actions, without normalisation of observations and rewards.
/// </summary>
internal static class PlainRollouts
{
    public static Outcome A2C(RunSettings settings) =>
        Train(settings, settings.A2C, settings.A2C.GaeLambda, (learner, batch, _) => learner.Step(A2CLoss(learner, batch, settings.A2C)));

    public static Outcome PPO(RunSettings settings) => Train(settings, settings.PPO, settings.PPO.GaeLambda, (learner, batch, progress) =>
    {
        var clipRange = settings.PPO.ClipRange + (settings.PPO.FinalClipRange - settings.PPO.ClipRange) * progress;
        for (var epoch = 0; epoch < settings.PPO.Epochs; epoch++)
            foreach (var rows in randperm(batch.Size).split(settings.PPO.MinibatchSize))
            {
                using var scope = NewDisposeScope();
                learner.Step(PPOLoss(learner, batch.Take(rows), settings.PPO, clipRange));
            }
    });

    private static Tensor A2CLoss(Learner learner, Batch batch, A2CSettings settings)
    {
        var (logProbabilities, entropy, values) = learner.Judge(batch.Observations, batch.Actions);
        var policyLoss = -(batch.Advantages * logProbabilities).mean();
        var valueLoss = 0.5 * (batch.Returns - values).square().mean();
        return policyLoss + settings.ValueCoefficient * valueLoss - settings.EntropyCoefficient * entropy.mean();
    }

    private static Tensor PPOLoss(Learner learner, Batch batch, PPOSettings settings, double clipRange)
    {
        var (logProbabilities, entropy, values) = learner.Judge(batch.Observations, batch.Actions);
        var advantages = (batch.Advantages - batch.Advantages.mean()) / (batch.Advantages.std() + 1e-8);
        var ratio = (logProbabilities - batch.LogProbabilities).exp();
        var policyLoss = -minimum(ratio * advantages, ratio.clamp(1 - clipRange, 1 + clipRange) * advantages).mean();
        var valueLoss = 0.5 * (batch.Returns - values).square().mean();
        return policyLoss + settings.ValueCoefficient * valueLoss - settings.EntropyCoefficient * entropy.mean();
    }

    private static Outcome Train(RunSettings settings, RolloutSettings rollout, double lambda, Action<Learner, Batch, double> update)
    {
        manual_seed((long)settings.Seed);
        var envCount = settings.Workers * rollout.EnvsPerWorker;
        using var envs = new VectorEnv(Enumerable.Range(0, envCount).Select(_ => EnvCatalog.BuiltIn.Make(settings.Environment)));
        using var learner = new Learner(envs, settings, rollout);
        var collector = new Collector(envs, rollout, lambda, settings.Seed);
        var (started, processorTime) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var taken = 0;
        for (; taken < settings.TotalSteps; taken += envCount * rollout.RolloutSteps)
        {
            using var scope = NewDisposeScope();
            var progress = (double)taken / settings.TotalSteps;
            learner.Optimizer.SetLearningRate(rollout.LearningRate, rollout.FinalLearningRate, progress);
            update(learner, collector.Collect(learner), progress);
        }
        return new Outcome(
            taken, learner.Updates, Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - processorTime).TotalSeconds,
            collector.Episodes.MeanReturn);
    }

    /// <summary>The steps of all envs, as rows.</summary>
    private sealed record Batch(Tensor Observations, Tensor Actions, Tensor LogProbabilities, Tensor Advantages, Tensor Returns)
    {
        public long Size => Actions.shape[0];

        public Batch Take(Tensor rows) => new(Observations[rows], Actions[rows], LogProbabilities[rows], Advantages[rows], Returns[rows]);
    }

    /// <summary>Policy, value function, optimizer.</summary>
    private sealed class Learner : IDisposable
    {
        private readonly nn.Module<Tensor, Tensor> policy;
        private readonly nn.Module<Tensor, Tensor> value;
        private readonly List<TorchSharp.Modules.Parameter> parameters;
        private readonly double maximumNorm;

        public Learner(VectorEnv envs, RunSettings settings, RolloutSettings rollout)
        {
            policy = Layers.Perceptron(envs.ObservationSpace.Size, settings.Network, ((Discrete)envs.ActionSpace).Count, outputGain: 0.01);
            value = Layers.Perceptron(envs.ObservationSpace.Size, settings.Network, outputs: 1, outputGain: 1);
            parameters = [.. policy.parameters(), .. value.parameters()];
            Optimizer = Layers.Optimizer(parameters, settings.Optimizer, rollout.LearningRate);
            maximumNorm = rollout.MaximumGradientNorm;
        }

        public optim.Optimizer Optimizer { get; }

        public long Updates { get; private set; }

        public Tensor Value(Tensor observations) => value.forward(observations).squeeze(1);

        public TorchSharp.Modules.Categorical Policy(Tensor observations) => distributions.Categorical(logits: policy.forward(observations));

        public (Tensor LogProbabilities, Tensor Entropy, Tensor Values) Judge(Tensor observations, Tensor actions)
        {
            var distribution = Policy(observations);
            return (distribution.log_prob(actions), distribution.entropy(), Value(observations));
        }

        public void Step(Tensor loss)
        {
            Optimizer.Descend(loss, parameters, maximumNorm);
            Updates++;
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            policy.Dispose();
            value.Dispose();
        }
    }

    /// <summary>Acts, and estimates advantages (J. Schulman et al. 2016). What torch would only slow down is done on arrays.</summary>
    private sealed class Collector
    {
        private readonly VectorEnv envs;
        private readonly int steps;
        private readonly float gamma, lambda;
        private readonly float[] observations, finalObservations, rewards, ends, advantages;
        private readonly bool[] terminated, truncated;

        public Collector(VectorEnv envs, RolloutSettings rollout, double lambda, ulong seed)
        {
            (this.envs, steps, gamma, this.lambda) = (envs, rollout.RolloutSteps, (float)rollout.Gamma, (float)lambda);
            observations = new float[envs.Count * envs.ObservationSpace.Size];
            finalObservations = new float[observations.Length];
            (rewards, ends, advantages) = (new float[steps * envs.Count], new float[steps * envs.Count], new float[steps * envs.Count]);
            (terminated, truncated) = (new bool[envs.Count], new bool[envs.Count]);
            Episodes = new Episodes(envs.Count);
            envs.Reset([.. Enumerable.Range(0, envs.Count).Select(env => seed + (ulong)env)], observations);
        }

        public Episodes Episodes { get; }

        public Batch Collect(Learner learner)
        {
            using var mode = no_grad();
            List<Tensor> inputs = [], actions = [], logProbabilities = [], values = [];
            for (var step = 0; step < steps; step++)
            {
                var input = tensor(observations, [envs.Count, envs.ObservationSpace.Size]);
                var distribution = learner.Policy(input);
                var action = distribution.sample();
                inputs.Add(input);
                actions.Add(action);
                logProbabilities.Add(distribution.log_prob(action));
                values.Add(learner.Value(input));
                Step(step * envs.Count, action.to(float32).data<float>().ToArray(), learner);
            }
            values.Add(learner.Value(tensor(observations, [envs.Count, envs.ObservationSpace.Size])));
            Estimate(cat(values).data<float>().ToArray());
            var advantage = tensor(advantages);
            return new Batch(cat(inputs), cat(actions), cat(logProbabilities), advantage, advantage + cat(values[..^1]));
        }

        private void Step(int first, float[] actions, Learner learner)
        {
            var reward = rewards.AsSpan(first, envs.Count);
            envs.Step(actions, observations, reward, terminated, truncated, finalObservations);
            for (var env = 0; env < envs.Count; env++)
            {
                var ended = terminated[env] || truncated[env];
                ends[first + env] = ended ? 1 : 0;
                Episodes.Add(env, reward[env], ended);
            }
            // An episode that was cut off goes on in its last observation's value.
            if (truncated.Contains(true))
                using (var final = learner.Value(tensor(finalObservations, [envs.Count, envs.ObservationSpace.Size])))
                    for (var env = 0; env < envs.Count; env++)
                        if (truncated[env] && !terminated[env])
                            reward[env] += gamma * final[env].item<float>();
        }

        private void Estimate(float[] values)
        {
            for (var env = 0; env < envs.Count; env++)
                for (var (row, next) = ((steps - 1) * envs.Count + env, 0f); row >= 0; row -= envs.Count)
                {
                    var goesOn = 1 - ends[row];
                    var delta = rewards[row] + gamma * goesOn * values[row + envs.Count] - values[row];
                    advantages[row] = next = delta + gamma * lambda * goesOn * next;
                }
        }
    }
}
