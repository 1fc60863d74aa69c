using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using BenchmarkDotNet.Attributes;

namespace AkkaRL.Benchmarks;

/// <summary>
/// What an A3C worker does for one message, without the message: 20 env steps of CartPole and their gradient. Allocates nothing.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class WorkerLoop
{
    private const int RolloutSteps = 20;
    private readonly RunPlan plan = new(
        new RunSettings { A3C = new A3CSettings { RolloutSteps = RolloutSteps } }, EnvCatalog.BuiltIn.Find("CartPole-v1"));
    private readonly RandomStream random = new(1);
    private readonly float[] envAction = [0];
    private readonly float[] observation = new float[4];
    private IEnv env = null!;
    private ActorCriticPolicy policy = null!;
    private INetwork network = null!;
    private A3C a3c = null!;
    private IOptimizer optimizer = null!;
    private float[] parameters = [];
    private float[] gradient = [];

    /// <summary>
    /// Makes the worker's parts, and counts what a rollout allocates on this thread: the table's column is of the whole process, where
    /// now and then a thread of the runtime adds a few bytes.
    /// </summary>
    [GlobalSetup]
    public void Setup()
    {
        (env, network, optimizer) = (plan.MakeEnv(), plan.MakeNetwork(RolloutSteps + 1), plan.MakeOptimizer());
        policy = (ActorCriticPolicy)plan.Policy;
        a3c = new A3C(plan.Settings.A3C, network, policy.Distribution);
        (parameters, gradient) = (plan.InitialParameters(), new float[plan.Layout.Count]);
        env.Reset(1, observation);
        RolloutAndUpdate();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            RolloutAndUpdate();
        if (GC.GetAllocatedBytesForCurrentThread() - before is not 0 and var bytes)
            throw new InvalidOperationException($"A worker's loop must allocate nothing; 1,000 rollouts allocated {bytes} bytes.");
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup() => network.Dispose();

    /// <summary>Synchronize, act, observe, compute the gradient; always 20 steps, across episodes.</summary>
    [Benchmark(Description = "A3C rollout of 20 CartPole steps")]
    public double Rollout()
    {
        a3c.Synchronize(parameters, RolloutSteps);
        while (!a3c.IsRolloutOver)
        {
            policy.ToEnvAction(a3c.Act(observation, random), envAction);
            var result = env.Step(envAction, observation);
            a3c.Observe(result.Reward, terminated: false, truncated: false);
            if (result.EpisodeEnded)
                env.Reset(null, observation);
        }
        return a3c.ComputeGradient(observation, random, gradient).GradientNorm;
    }

    /// <summary>The same, and what the parameter server does with the gradient.</summary>
    [Benchmark(Description = "the same, and the update of the parameters")]
    public void RolloutAndUpdate()
    {
        Rollout();
        optimizer.Update(parameters, gradient, 1e-6f);
    }
}
