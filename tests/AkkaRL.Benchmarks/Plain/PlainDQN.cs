using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Randomness;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AkkaRL.Benchmarks.Plain;

/// <summary>Deep Q-learning.</summary>
internal sealed class PlainDQN : IPlainReplayLearner
{
    private readonly RunSettings settings;
    private readonly Module<Tensor, Tensor> network;
    private readonly Module<Tensor, Tensor> target;
    private readonly optim.Optimizer optimizer;
    private readonly int actions;

    public PlainDQN(RunSettings settings, IEnv env)
    {
        (this.settings, actions) = (settings, ((Discrete)env.ActionSpace).Count);
        network = Layers.Perceptron(env.ObservationSpace.Size, settings.Network, actions, outputGain: 1);
        target = Layers.Perceptron(env.ObservationSpace.Size, settings.Network, actions, outputGain: 1);
        target.Track(network, 1);
        optimizer = Layers.Optimizer(network.parameters(), settings.Optimizer, settings.DQN.LearningRate);
    }

    public void Act(Tensor observation, long step, RandomStream random, float[] action)
    {
        var dqn = settings.DQN;
        var explored = Math.Min(1, step / (dqn.ExplorationFraction * settings.TotalSteps));
        using var mode = no_grad();
        action[0] = random.NextDouble() < dqn.Epsilon + (dqn.FinalEpsilon - dqn.Epsilon) * explored
            ? random.NextInteger(actions)
            : network.forward(observation).argmax().item<long>();
    }

    public void Update(Transitions sample, double learningRate)
    {
        Tensor wanted;
        using (no_grad())
        {
            var next = target.forward(sample.NextObservations);
            var best = settings.DQN.DoubleQ
                ? next.gather(1, network.forward(sample.NextObservations).argmax(1, keepdim: true)).squeeze(1)
                : next.amax([1]);
            wanted = sample.Rewards + sample.Discounts * best;
        }
        var values = network.forward(sample.Observations).gather(1, sample.Actions.to(int64)).squeeze(1);
        optimizer.SetLearningRate(learningRate, learningRate, 0);
        optimizer.Descend(functional.smooth_l1_loss(values, wanted), network.parameters(), settings.DQN.MaximumGradientNorm);
    }

    public void Track(double rate) => target.Track(network, rate);

    public void Dispose()
    {
        optimizer.Dispose();
        network.Dispose();
        target.Dispose();
    }
}
