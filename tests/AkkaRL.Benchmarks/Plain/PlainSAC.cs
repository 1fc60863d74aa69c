using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Randomness;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AkkaRL.Benchmarks.Plain;

/// <summary>Soft actor-critic with a learned temperature.</summary>
internal sealed class PlainSAC : IPlainReplayLearner
{
    private readonly RunSettings settings;
    private readonly int actionSize;
    private readonly Module<Tensor, Tensor> policy;
    private readonly Module<Tensor, Tensor>[] critics, targets;
    private readonly TorchSharp.Modules.Parameter logTemperature;
    private readonly optim.Optimizer policyOptimizer, criticOptimizer, temperatureOptimizer;

    public PlainSAC(RunSettings settings, IEnv env)
    {
        (this.settings, actionSize) = (settings, env.ActionSpace.Size);
        policy = Layers.Perceptron(env.ObservationSpace.Size, settings.Network, 2 * actionSize, outputGain: 0.01);
        critics = [MakeCritic(), MakeCritic()];
        targets = [MakeCritic(), MakeCritic()];
        Track(1);
        logTemperature = new TorchSharp.Modules.Parameter(tensor((float)Math.Log(settings.SAC.Temperature)));
        policyOptimizer = Layers.Optimizer(policy.parameters(), settings.Optimizer, settings.SAC.LearningRate);
        criticOptimizer = Layers.Optimizer(CriticParameters, settings.Optimizer, settings.SAC.LearningRate);
        temperatureOptimizer = Layers.Optimizer([logTemperature], settings.Optimizer, settings.SAC.LearningRate);

        Module<Tensor, Tensor> MakeCritic() =>
            Layers.Perceptron(env.ObservationSpace.Size + actionSize, settings.Network, outputs: 1, outputGain: 1);
    }

    private IEnumerable<TorchSharp.Modules.Parameter> CriticParameters => critics.SelectMany(critic => critic.parameters());

    public void Act(Tensor observation, long step, RandomStream random, float[] action)
    {
        using var mode = no_grad();
        var chosen = step < settings.SAC.LearningStarts ? null : Sample(observation).Actions.data<float>().ToArray();
        for (var i = 0; i < action.Length; i++)
            action[i] = chosen?[i] ?? (float)(2 * random.NextDouble() - 1);
    }

    public void Update(Transitions sample, double learningRate)
    {
        var temperature = logTemperature.exp().item<float>();
        Tensor wanted;
        using (no_grad())
        {
            var (next, nextLogProbabilities) = Sample(sample.NextObservations);
            var value = minimum(Value(targets[0], sample.NextObservations, next), Value(targets[1], sample.NextObservations, next));
            wanted = sample.Rewards + sample.Discounts * (value - temperature * nextLogProbabilities);
        }
        var loss = 0.5 * (functional.mse_loss(Value(critics[0], sample.Observations, sample.Actions), wanted)
            + functional.mse_loss(Value(critics[1], sample.Observations, sample.Actions), wanted));
        criticOptimizer.SetLearningRate(learningRate, learningRate, 0);
        criticOptimizer.Descend(loss, CriticParameters, settings.SAC.MaximumGradientNorm);

        var (actions, logProbabilities) = Sample(sample.Observations);
        var judged = minimum(Value(critics[0], sample.Observations, actions), Value(critics[1], sample.Observations, actions));
        var policyLoss = (temperature * logProbabilities - judged).mean();
        var policyRate = learningRate * settings.SAC.PolicyRateFactor;
        policyOptimizer.SetLearningRate(policyRate, policyRate, 0);
        policyOptimizer.Descend(policyLoss, policy.parameters(), settings.SAC.MaximumGradientNorm);

        if (!settings.SAC.LearnTemperature)
            return;
        var excess = logProbabilities.detach().mean() - settings.SAC.TargetEntropyFactor * actionSize;
        temperatureOptimizer.SetLearningRate(policyRate, policyRate, 0);
        temperatureOptimizer.Descend(-(logTemperature * excess), [logTemperature], 0);
    }

    public void Track(double rate)
    {
        for (var i = 0; i < critics.Length; i++)
            targets[i].Track(critics[i], rate);
    }

    public void Dispose()
    {
        foreach (IDisposable part in (IDisposable[])
            [policyOptimizer, criticOptimizer, temperatureOptimizer, policy, .. critics, .. targets, logTemperature])
            part.Dispose();
    }

    /// <summary>a = tanh u, u ~ N(μ, σ²), and log π(a) = log N(u) − Σ log(1 − tanh² u).</summary>
    private (Tensor Actions, Tensor LogProbabilities) Sample(Tensor observations)
    {
        var rows = policy.forward(observations).chunk(2, 1);
        var distribution = distributions.Normal(rows[0], rows[1].clamp(-20, 2).exp());
        var u = distribution.rsample();
        var logSlope = 2 * (Math.Log(2) - u - functional.softplus(-2 * u));
        return (u.tanh(), (distribution.log_prob(u) - logSlope).sum(1));
    }

    private static Tensor Value(Module<Tensor, Tensor> critic, Tensor observations, Tensor actions) =>
        critic.forward(cat([observations, actions], 1)).squeeze(1);
}
