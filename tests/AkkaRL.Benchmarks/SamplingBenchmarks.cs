using AkkaRL.Models.Distributions;
using AkkaRL.Models.Randomness;
using BenchmarkDotNet.Attributes;

namespace AkkaRL.Benchmarks;

/// <summary>Random numbers, actions, and the closed-form gradients of policies.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class SamplingBenchmarks
{
    private readonly RandomStream random = new(1);
    private readonly Categorical categorical = new(2);
    private readonly DiagonalGaussian gaussian = new(1);
    private readonly float[] parameters = [0.1f, -0.2f];
    private readonly float[] action = [0];
    private readonly float[] gradient = [0, 0];

    /// <summary>A uniform number.</summary>
    [Benchmark(Description = "uniform number")]
    public double Uniform() => random.NextDouble();

    /// <summary>A normal number.</summary>
    [Benchmark(Description = "normal number")]
    public double Normal() => random.NextNormal();

    /// <summary>An action of two, and its log-probability.</summary>
    [Benchmark(Description = "categorical action of 2")]
    public float SampleCategorical() => categorical.Sample(parameters, random, action);

    /// <summary>A Gaussian action, and its log-density.</summary>
    [Benchmark(Description = "Gaussian action of 1")]
    public float SampleGaussian() => gaussian.Sample(parameters, random, action);

    /// <summary>Gradient of log-probability and entropy.</summary>
    [Benchmark(Description = "gradient, categorical of 2")]
    public float CategoricalGradient() => categorical.Gradient(parameters, [1], 0.5f, 0.01f, gradient);

    /// <summary>Gradient of log-density and entropy.</summary>
    [Benchmark(Description = "gradient, Gaussian of 1")]
    public float GaussianGradient() => gaussian.Gradient(parameters, [0.3f], 0.5f, 0.01f, gradient);
}
