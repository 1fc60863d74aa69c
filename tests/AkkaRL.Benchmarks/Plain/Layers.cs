using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AkkaRL.Benchmarks.Plain;

/// <summary>Modules and optimizers of torch, by the settings of an AkkaRL run.</summary>
internal static class Layers
{
    /// <summary>Linear layers with an activation after each but the last, initialised like AkkaRL's.</summary>
    public static Module<Tensor, Tensor> Perceptron(int inputs, NetworkSettings network, int outputs, double outputGain)
    {
        var layers = new List<(string, Module<Tensor, Tensor>)>();
        foreach (var width in network.Hidden)
        {
            layers.Add(($"linear{layers.Count}", Initialized(Linear(inputs, width), Math.Sqrt(2))));
            layers.Add(($"activation{layers.Count}", network.Activation == Activation.Tanh ? Tanh() : ReLU()));
            inputs = width;
        }
        layers.Add(("output", Initialized(Linear(inputs, outputs), outputGain)));
        return Sequential(layers);
    }

    /// <summary>The optimizer; torch's RMSProp has its epsilon outside the root.</summary>
    public static optim.Optimizer Optimizer(IEnumerable<Parameter> parameters, OptimizerSettings settings, double learningRate) => settings.Kind switch
    {
        OptimizerKind.Adam => optim.Adam(parameters, learningRate, settings.Beta1, settings.Beta2, settings.Epsilon),
        OptimizerKind.RMSProp => optim.RMSProp(parameters, learningRate, settings.Decay, settings.Epsilon),
        _ => optim.SGD(parameters, learningRate, settings.Momentum),
    };

    /// <summary>A linear schedule's rate.</summary>
    public static void SetLearningRate(this optim.Optimizer optimizer, double start, double end, double progress)
    {
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = start + (end - start) * progress;
    }

    /// <summary>One step down the gradient of the loss, clipped to a norm; 0 for none.</summary>
    public static void Descend(this optim.Optimizer optimizer, Tensor loss, IEnumerable<Parameter> parameters, double maximumNorm)
    {
        optimizer.zero_grad();
        loss.backward();
        if (maximumNorm > 0)
            nn.utils.clip_grad_norm_(parameters, maximumNorm);
        optimizer.step();
    }

    /// <summary>θ⁻ ← τ θ + (1 − τ) θ⁻.</summary>
    public static void Track(this Module target, Module source, double rate)
    {
        using var mode = no_grad();
        foreach (var (mine, theirs) in target.parameters().Zip(source.parameters()))
            mine.lerp_(theirs, rate);
    }

    private static Linear Initialized(Linear layer, double gain)
    {
        init.orthogonal_(layer.weight, gain);
        init.zeros_(layer.bias);
        return layer;
    }
}
