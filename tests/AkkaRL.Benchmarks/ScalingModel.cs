namespace AkkaRL.Benchmarks;

/// <summary>What a run's throughput comes to over many workers: its ingredients, as measured, and who is the bottleneck. docs/scaling.md explains it. Pure.</summary>
/// <param name="StepSeconds">One env step of a worker, wait and computation.</param>
/// <param name="StepProcessorSeconds">What of it is computation.</param>
/// <param name="MessageSeconds">The learner's time for one node's message and its answer, each with a vector of all parameters.</param>
/// <param name="LearnSeconds">The learner's time for one row of a synchronous batch: all epochs.</param>
internal sealed record ScalingModel(double StepSeconds, double StepProcessorSeconds, double MessageSeconds, double LearnSeconds)
{
    /// <summary>Steps of a rollout, asynchronous shape.</summary>
    public const int RolloutSteps = 5;

    /// <summary>Steps that a worker makes for one batch, synchronous shape: 4 envs of 32 steps.</summary>
    public const int ShareSteps = 128;

    /// <summary>Workers of a node.</summary>
    public required int WorkersEach { get; init; }

    /// <summary>The most rollouts in one message of a node alone, and in one of each node together.</summary>
    public required (int Alone, int Together) Combined { get; init; }

    /// <summary>Cores that all processes share; null where each worker has its own.</summary>
    public int? Cores { get; init; }

    /// <summary>Asynchronous shape: env-steps/s, rollouts a message, and the lag, in updates, of what nodes do not know of each other.</summary>
    public (double Rate, double Rollouts, double Lag) Asynchronous(int workers)
    {
        var nodes = Nodes(workers);
        var most = nodes == 1 ? Combined.Alone * workers : Math.Max(WorkersEach, (double)Combined.Together / nodes);
        var made = MadeBy(workers);
        // Messages become larger, not more, when the learner cannot keep up, until they are as large as they may be.
        var rollouts = Math.Clamp(made / RolloutSteps * MessageSeconds, Math.Min(1, most), most);
        var taken = rollouts * RolloutSteps / MessageSeconds;
        var rate = Math.Min(made, taken);
        return (rate, rollouts, nodes == 1 ? 0 : 2 * (nodes - 1) * rollouts);
    }

    /// <summary>Synchronous shape: env-steps/s. Workers wait while the learner learns.</summary>
    public double Synchronous(int workers)
    {
        var rows = (double)workers * ShareSteps;
        return rows / (rows / MadeBy(workers) + Nodes(workers) * MessageSeconds + rows * LearnSeconds);
    }

    private int Nodes(int workers) => (workers + WorkersEach - 1) / WorkersEach;

    /// <summary>Env-steps/s that workers make when nobody makes them wait.</summary>
    private double MadeBy(int workers) => Math.Min(workers / StepSeconds, Cores is { } cores && StepProcessorSeconds > 0 ? cores / StepProcessorSeconds : double.PositiveInfinity);
}
