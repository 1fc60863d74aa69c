using AkkaRL.Models.Distributions;
using AkkaRL.Models.Randomness;
using BenchmarkDotNet.Attributes;

namespace AkkaRL.Benchmarks;

/// <summary>Random numbers, actions, and the closed-form gradients of policies.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class SamplingBenchmarks
{
    private const int Times = 1000;
    private readonly RandomStream random = new(1);
    private readonly Categorical categorical = new(2);
    private readonly DiagonalGaussian gaussian = new(1);
    private readonly float[] parameters = [0.1f, -0.2f];
    private readonly float[] action = [0];
    private readonly float[] gradient = [0, 0];

    /// <summary>A uniform number.</summary>
    [Benchmark(OperationsPerInvoke = Times, Description = "uniform number")]
    public double Uniform()
    {
        var sum = 0.0;
        for (var i = 0; i < Times; i++)
            sum += random.NextDouble();
        return sum;
    }

    /// <summary>A normal number.</summary>
    [Benchmark(OperationsPerInvoke = Times, Description = "normal number")]
    public double Normal()
    {
        var sum = 0.0;
        for (var i = 0; i < Times; i++)
            sum += random.NextNormal();
        return sum;
    }

    /// <summary>An action of two, and its log-probability.</summary>
    [Benchmark(OperationsPerInvoke = Times, Description = "categorical action of 2")]
    public double SampleCategorical()
    {
        var sum = 0.0;
        for (var i = 0; i < Times; i++)
            sum += categorical.Sample(parameters, random, action);
        return sum;
    }

    /// <summary>A Gaussian action, and its log-density.</summary>
    [Benchmark(OperationsPerInvoke = Times, Description = "Gaussian action of 1")]
    public double SampleGaussian()
    {
        var sum = 0.0;
        for (var i = 0; i < Times; i++)
            sum += gaussian.Sample(parameters, random, action);
        return sum;
    }

    /// <summary>Gradient of log-probability and entropy.</summary>
    [Benchmark(OperationsPerInvoke = Times, Description = "gradient, categorical of 2")]
    public double CategoricalGradient()
    {
        var sum = 0.0;
        for (var i = 0; i < Times; i++)
            sum += categorical.Gradient(parameters, [1], 0.5f, 0.01f, gradient);
        return sum;
    }

    /// <summary>Gradient of log-density and entropy.</summary>
    [Benchmark(OperationsPerInvoke = Times, Description = "gradient, Gaussian of 1")]
    public double GaussianGradient()
    {
        var sum = 0.0;
        for (var i = 0; i < Times; i++)
            sum += gaussian.Gradient(parameters, [0.3f], 0.5f, 0.01f, gradient);
        return sum;
    }
}
