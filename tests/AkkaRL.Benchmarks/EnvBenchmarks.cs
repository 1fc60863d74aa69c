using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Models.Randomness;
using BenchmarkDotNet.Attributes;

namespace AkkaRL.Benchmarks;

/// <summary>One env step with random actions, resets included: the env alone, and as workers step it (time limit, checks).</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class EnvBenchmarks
{
    private const int Steps = 1000;
    private readonly float[][] actions = new float[Steps][];
    private IEnv alone = null!;
    private IEnv guarded = null!;
    private float[] observation = [];

    /// <summary>Every env of the catalog.</summary>
    public static IEnumerable<string> Ids => EnvCatalog.BuiltIn.All.Select(env => env.Id);

    /// <summary>The env's id.</summary>
    [ParamsSource(nameof(Ids))]
    public string Env { get; set; } = "";

    /// <summary>Makes the env and draws the actions.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var spec = EnvCatalog.BuiltIn.Find(Env);
        (alone, guarded) = (EnvCatalog.Make(spec), new ValidatedEnv(EnvCatalog.Make(spec), spec.Id));
        observation = new float[alone.ObservationSpace.Size];
        alone.Reset(1, observation);
        guarded.Reset(1, observation);
        var random = new RandomStream(1);
        for (var i = 0; i < Steps; i++)
            actions[i] = alone.ActionSpace is Discrete discrete
                ? [random.NextInteger(discrete.Count)]
                : [.. Enumerable.Range(0, alone.ActionSpace.Size).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    /// <summary>The env with its time limit.</summary>
    [Benchmark(OperationsPerInvoke = Steps, Description = "env with time limit")]
    public double Alone() => Play(alone);

    /// <summary>The same, checked.</summary>
    [Benchmark(OperationsPerInvoke = Steps, Description = "env as workers step it")]
    public double Guarded() => Play(guarded);

    private double Play(IEnv env)
    {
        var sum = 0.0;
        foreach (var action in actions)
        {
            var result = env.Step(action, observation);
            sum += result.Reward;
            if (result.EpisodeEnded)
                env.Reset(null, observation);
        }
        return sum;
    }
}
