using System.Collections.Immutable;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TorchSharp;

namespace AkkaRL.Benchmarks;

/// <summary>A network and a batch size.</summary>
public sealed record NetworkCase(int Inputs, ImmutableArray<int> Hidden, int Actions, Activation Activation, int Batch)
{
    /// <summary>The network.</summary>
    public NetworkSpec Spec => NetworkSpec.ActorCritic(Inputs, Actions, 0, Hidden, Activation, sharedTrunk: true);

    /// <inheritdoc/>
    public override string ToString() => $"{Inputs}-{string.Join("-", Hidden)}-{Actions + 1} {Activation}, B={Batch}";
}

/// <summary>Forward pass, and forward with backward pass: the fused engine, the TorchSharp engine, and a TorchSharp module with autograd.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class NetworkBenchmarks
{
    private INetwork fused = null!;
    private INetwork torchEngine = null!;
    private IdiomaticActorCritic module = null!;
    private torch.Tensor logitGradients = null!;
    private torch.Tensor valueGradients = null!;
    private float[] observations = [];
    private float[] outputGradients = [];
    private float[] gradient = [];

    /// <summary>The networks measured.</summary>
    public static IEnumerable<NetworkCase> Cases =>
    [
        .. new[] { 1, 20, 64, 256 }.Select(batch => new NetworkCase(4, [64, 64], 2, Activation.Tanh, batch)),
        new NetworkCase(24, [400, 300], 4, Activation.ReLU, 256),
    ];

    /// <summary>The network of this run.</summary>
    [ParamsSource(nameof(Cases))]
    public NetworkCase Network { get; set; } = null!;

    /// <summary>Makes the three of the same size.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var spec = Network.Spec;
        (fused, torchEngine) = (new FusedNetwork(spec, Network.Batch), new TorchNetwork(spec, Network.Batch));
        module = new IdiomaticActorCritic(spec.Inputs, Network.Actions, [.. Network.Hidden], spec.Activation);
        var random = new RandomStream(1);
        var parameters = new float[fused.Layout.Count];
        NetworkInitializer.Initialize(spec, random, parameters);
        fused.Load(parameters);
        torchEngine.Load(parameters);
        gradient = new float[parameters.Length];
        observations = Normal(Network.Batch * spec.Inputs);
        outputGradients = Normal(Network.Batch * spec.Outputs);
        logitGradients = torch.ones(Network.Batch, Network.Actions);
        valueGradients = torch.ones(Network.Batch, 1);

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
        var (logits, values) = module.forward(torch.tensor(observations, [Network.Batch, Network.Inputs]));
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
        var (logits, values) = module.forward(torch.tensor(observations, [Network.Batch, Network.Inputs]));
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
