using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TorchSharp;

namespace AkkaRL.Benchmarks;

/// <summary>
/// One update of all parameters: ours on one flat vector, TorchSharp's on one flat tensor (kinder to it than a module's many).
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class OptimizerBenchmarks
{
    private float[] parameters = [];
    private float[] gradient = [];
    private RMSProp rmsProp = null!;
    private Adam adam = null!;
    private SgdMomentum sgd = null!;
    private TorchSharp.Modules.Parameter torchParameters = null!;
    private torch.optim.Optimizer torchRMSProp = null!;
    private torch.optim.Optimizer torchAdam = null!;
    private torch.optim.Optimizer torchSgd = null!;

    /// <summary>P: a 4-64-64-3 and a 24-400-300-5 network.</summary>
    [Params(4_675, 131_805)]
    public int Parameters { get; set; }

    /// <summary>Makes the optimizers and a gradient.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new RandomStream(1);
        parameters = new float[Parameters];
        gradient = [.. Enumerable.Range(0, Parameters).Select(_ => (float)random.NextNormal())];
        rmsProp = new RMSProp(Parameters, 0.99f, 1e-5f, 0);
        adam = new Adam(Parameters, 1e-5f, 0.9f, 0.999f);
        sgd = new SgdMomentum(Parameters, 0.9f);
        torchParameters = new TorchSharp.Modules.Parameter(torch.zeros(Parameters));
        torchParameters.grad = torch.tensor(gradient);
        torchRMSProp = torch.optim.RMSProp([torchParameters], 1e-4);
        torchAdam = torch.optim.Adam([torchParameters], 1e-4);
        torchSgd = torch.optim.SGD([torchParameters], 1e-4, momentum: 0.9);
    }

    /// <summary>TorchSharp's RMSProp.</summary>
    [Benchmark(Baseline = true, Description = "TorchSharp"), BenchmarkCategory("RMSProp")]
    public void TorchRMSProp() => Step(torchRMSProp);

    /// <summary>Ours.</summary>
    [Benchmark(Description = "AkkaRL"), BenchmarkCategory("RMSProp")]
    public void RMSProp() => rmsProp.Update(parameters, gradient, 1e-4f);

    /// <summary>TorchSharp's Adam.</summary>
    [Benchmark(Baseline = true, Description = "TorchSharp"), BenchmarkCategory("Adam")]
    public void TorchAdam() => Step(torchAdam);

    /// <summary>Ours.</summary>
    [Benchmark(Description = "AkkaRL"), BenchmarkCategory("Adam")]
    public void Adam() => adam.Update(parameters, gradient, 1e-4f);

    /// <summary>TorchSharp's SGD.</summary>
    [Benchmark(Baseline = true, Description = "TorchSharp"), BenchmarkCategory("SGD with momentum")]
    public void TorchSgd() => Step(torchSgd);

    /// <summary>Ours.</summary>
    [Benchmark(Description = "AkkaRL"), BenchmarkCategory("SGD with momentum")]
    public void Sgd() => sgd.Update(parameters, gradient, 1e-4f);

    /// <summary>Ours; TorchSharp's clipping reads its norm back.</summary>
    [Benchmark(Description = "AkkaRL"), BenchmarkCategory("clip by norm")]
    public float Clip() => GradientClipping.ClipByGlobalNorm(gradient, 1e6f);

    private static void Step(torch.optim.Optimizer optimizer)
    {
        using var scope = torch.NewDisposeScope();
        optimizer.step();
    }
}
