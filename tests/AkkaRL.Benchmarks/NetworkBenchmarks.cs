using System.Collections.Immutable;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TorchSharp;

namespace AkkaRL.Benchmarks;

/// <summary>4-64-64-3 with tanh, the network of CartPole: a worker's single row, its rollout, and batches.</summary>
public class SmallNetworkBenchmarks() : NetworkBenchmarks(4, [64, 64], 2, Activation.Tanh)
{
    /// <summary>B.</summary>
    [Params(1, 20, 64, 256)]
    public override int Batch { get; set; }
}

/// <summary>24-400-300-5 with ReLU, as the methods with a replay buffer use it.</summary>
public class LargeNetworkBenchmarks() : NetworkBenchmarks(24, [400, 300], 4, Activation.ReLU)
{
    /// <summary>B.</summary>
    [Params(256)]
    public override int Batch { get; set; }
}

/// <summary>
/// Forward pass, and forward with backward pass: the fused engine, the TorchSharp engine, and a TorchSharp module with autograd.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public abstract class NetworkBenchmarks(int inputs, ImmutableArray<int> hidden, int actions, Activation activation)
{
    private INetwork fused = null!;
    private INetwork torchEngine = null!;
    private IdiomaticActorCritic module = null!;
    private torch.Tensor logitGradients = null!;
    private torch.Tensor valueGradients = null!;
    private float[] observations = [];
    private float[] outputGradients = [];
    private float[] gradient = [];

    /// <summary>B.</summary>
    public abstract int Batch { get; set; }

    /// <summary>Makes the three of the same size.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var spec = NetworkSpec.ActorCritic(inputs, actions, 0, hidden, activation, sharedTrunk: true);
        (fused, torchEngine) = (new FusedNetwork(spec, Batch), new TorchNetwork(spec, Batch));
        module = new IdiomaticActorCritic(inputs, actions, [.. hidden], activation);
        var random = new RandomStream(1);
        var parameters = new float[fused.Layout.Count];
        NetworkInitializer.Initialize(spec, random, parameters);
        fused.Load(parameters);
        torchEngine.Load(parameters);
        gradient = new float[parameters.Length];
        observations = Normal(Batch * spec.Inputs);
        outputGradients = Normal(Batch * spec.Outputs);
        logitGradients = torch.ones(Batch, actions);
        valueGradients = torch.ones(Batch, 1);

        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable made in new IDisposable[] { fused, torchEngine, module, logitGradients, valueGradients })
            made.Dispose();
    }

    /// <summary>The module, its outputs read back, without recording a graph.</summary>
    [Benchmark(Baseline = true, Description = "TorchSharp module"), BenchmarkCategory("forward")]
    public float ModuleForward()
    {
        using var scope = torch.NewDisposeScope();
        using var mode = torch.no_grad();
        var (logits, values) = module.forward(torch.tensor(observations, [Batch, inputs]));
        return logits.data<float>()[0] + values.data<float>()[0];
    }

    /// <summary>The TorchSharp engine.</summary>
    [Benchmark(Description = "torch engine"), BenchmarkCategory("forward")]
    public float TorchForward() => torchEngine.Forward(observations)[0];

    /// <summary>The fused engine.</summary>
    [Benchmark(Description = "fused engine"), BenchmarkCategory("forward")]
    public float FusedForward() => fused.Forward(observations)[0];

    /// <summary>The module with autograd; gradients stay in its parameters.</summary>
    [Benchmark(Baseline = true, Description = "TorchSharp module"), BenchmarkCategory("forward + backward")]
    public void ModuleBackward()
    {
        using var scope = torch.NewDisposeScope();
        module.zero_grad();
        var (logits, values) = module.forward(torch.tensor(observations, [Batch, inputs]));
        torch.autograd.backward([logits, values], [logitGradients, valueGradients]);
    }

    /// <summary>The TorchSharp engine.</summary>
    [Benchmark(Description = "torch engine"), BenchmarkCategory("forward + backward")]
    public float TorchBackward() => Backward(torchEngine);

    /// <summary>The fused engine.</summary>
    [Benchmark(Description = "fused engine"), BenchmarkCategory("forward + backward")]
    public float FusedBackward() => Backward(fused);

    private float Backward(INetwork network)
    {
        network.Forward(observations);
        network.Backward(outputGradients, gradient);
        return gradient[0];
    }
}
