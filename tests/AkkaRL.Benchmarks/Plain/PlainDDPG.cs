using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Randomness;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AkkaRL.Benchmarks.Plain;

/// <summary>Deep deterministic policy gradient with Gaussian noise.</summary>
internal sealed class PlainDDPG : IPlainReplayLearner
{
    private readonly RunSettings settings;
    private readonly Module<Tensor, Tensor> policy, critic, targetPolicy, targetCritic;
    private readonly optim.Optimizer policyOptimizer, criticOptimizer;

    public PlainDDPG(RunSettings settings, IEnv env)
    {
        this.settings = settings;
        var (observationSize, actionSize) = (env.ObservationSpace.Size, env.ActionSpace.Size);
        (policy, targetPolicy) = (MakePolicy(), MakePolicy());
        (critic, targetCritic) = (MakeCritic(), MakeCritic());
        Track(1);
        policyOptimizer = Layers.Optimizer(policy.parameters(), settings.Optimizer, settings.DDPG.LearningRate);
        criticOptimizer = Layers.Optimizer(critic.parameters(), settings.Optimizer, settings.DDPG.LearningRate);

        Module<Tensor, Tensor> MakePolicy() => Layers.Perceptron(observationSize, settings.Network, actionSize, outputGain: 0.01);
        Module<Tensor, Tensor> MakeCritic() => Layers.Perceptron(observationSize + actionSize, settings.Network, outputs: 1, outputGain: 1);
    }

    public void Act(Tensor observation, long step, RandomStream random, float[] action)
    {
        using var mode = no_grad();
        var chosen = step < settings.DDPG.LearningStarts ? null : policy.forward(observation).tanh().data<float>().ToArray();
        for (var i = 0; i < action.Length; i++)
            action[i] = (float)(chosen is null
                ? 2 * random.NextDouble() - 1
                : Math.Clamp(chosen[i] + settings.DDPG.NoiseScale * random.NextNormal(), -1, 1));
    }

    public void Update(Transitions sample, double learningRate)
    {
        Tensor wanted;
        using (no_grad())
            wanted = sample.Rewards + sample.Discounts * Value(targetCritic, sample.NextObservations, targetPolicy.forward(sample.NextObservations).tanh());
        var loss = 0.5 * functional.mse_loss(Value(critic, sample.Observations, sample.Actions), wanted);
        criticOptimizer.SetLearningRate(learningRate, learningRate, 0);
        criticOptimizer.Descend(loss, critic.parameters(), settings.DDPG.MaximumGradientNorm);

        var policyLoss = -Value(critic, sample.Observations, policy.forward(sample.Observations).tanh()).mean();
        var policyRate = learningRate * settings.DDPG.PolicyRateFactor;
        policyOptimizer.SetLearningRate(policyRate, policyRate, 0);
        policyOptimizer.Descend(policyLoss, policy.parameters(), settings.DDPG.MaximumGradientNorm);
    }

    public void Track(double rate)
    {
        targetPolicy.Track(policy, rate);
        targetCritic.Track(critic, rate);
    }

    public void Dispose()
    {
        foreach (IDisposable part in (IDisposable[])[policyOptimizer, criticOptimizer, policy, critic, targetPolicy, targetCritic])
            part.Dispose();
    }

    private static Tensor Value(Module<Tensor, Tensor> critic, Tensor observations, Tensor actions) =>
        critic.forward(cat([observations, actions], 1)).squeeze(1);
}
