namespace AkkaRL.Benchmarks.Plain;

/// <summary>What a training run came to, AkkaRL's or a plain loop's.</summary>
/// <param name="Steps">Env steps.</param>
/// <param name="Updates">Updates: one step of each optimizer.</param>
/// <param name="Seconds">By the clock.</param>
/// <param name="ProcessorSeconds">Of this process, which neighbours on the machine do not change.</param>
/// <param name="MeanReturn">Mean raw return of the latest episodes of training.</param>
internal sealed record Outcome(long Steps, long Updates, double Seconds, double ProcessorSeconds, double MeanReturn)
{
    public double StepsPerSecond => Steps / Seconds;

    public double StepsPerProcessorSecond => Steps / ProcessorSeconds;
}

/// <summary>The raw returns of the latest episodes.</summary>
/// <param name="envs">Envs that run side by side.</param>
internal sealed class Episodes(int envs)
{
    /// <summary>How many.</summary>
    public const int Window = 20;

    private readonly double[] open = new double[envs];
    private readonly Queue<double> finished = new();

    public double MeanReturn => finished.Count == 0 ? double.NaN : finished.Average();

    public void Add(int env, double reward, bool ended)
    {
        open[env] += reward;
        if (!ended)
            return;
        finished.Enqueue(open[env]);
        open[env] = 0;
        if (finished.Count > Window)
            finished.Dequeue();
    }
}
