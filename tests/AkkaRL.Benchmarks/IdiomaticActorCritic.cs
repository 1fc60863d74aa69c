using AkkaRL.Models.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AkkaRL.Benchmarks;

/// <summary>An actor-critic as a TorchSharp user would write it: a module of Linear layers, and automatic differentiation.</summary>
internal sealed class IdiomaticActorCritic : Module<Tensor, (Tensor Logits, Tensor Values)>
{
    private readonly Module<Tensor, Tensor> trunk;
    private readonly Module<Tensor, Tensor> policy;
    private readonly Module<Tensor, Tensor> value;

    public IdiomaticActorCritic(int inputs, int actions, int[] hidden, Activation activation)
        : base(nameof(IdiomaticActorCritic))
    {
        var layers = new List<(string, Module<Tensor, Tensor>)>();
        var width = inputs;
        foreach (var outputs in hidden)
        {
            layers.Add(($"linear{layers.Count}", Linear(width, outputs)));
            layers.Add(($"activation{layers.Count}", activation == Activation.Tanh ? Tanh() : ReLU()));
            width = outputs;
        }
        trunk = Sequential(layers);
        policy = Linear(width, actions);
        value = Linear(width, 1);
        RegisterComponents();
    }

    public override (Tensor Logits, Tensor Values) forward(Tensor observations)
    {
        var features = trunk.forward(observations);
        return (policy.forward(features), value.forward(features));
    }
}
