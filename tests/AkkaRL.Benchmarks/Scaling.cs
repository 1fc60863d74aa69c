using AkkaRL.Actors.Cluster;

namespace AkkaRL.Benchmarks;

/// <summary>Measures the model's ingredients, holds it against runs with 1, 2 and 4 worker processes, and prints what it says of more. docs/scaling.md has the table.</summary>
internal static class Scaling
{
    private const int SmallFloats = 4_675, LargeFloats = 1_700_000;

    private static readonly (int, int) Combined = (new LinkSettings().CombinedRollouts, new LinkSettings().SharedRollouts);

    /// <summary>Measures and prints.</summary>
    public static async Task PrintAsync(TextWriter output)
    {
        var small = await WireSpeed.MessageSecondsAsync(SmallFloats, messages: 20_000);
        var large = await WireSpeed.MessageSecondsAsync(LargeFloats, messages: 60);
        var step = 1 / (await MeasuredRun.InProcessAsync(ClusterSpeed.Settings("a3c", workers: 1, steps: 2_000_000))).Rate;
        var row = 1 / (await MeasuredRun.InProcessAsync(ClusterSpeed.Settings("ppo", workers: 1, steps: 200_000))).Rate;
        var waiting = 1 / (await RateAsync("a3c", 1, milliseconds: 1));
        output.WriteLine($"Ingredients, {Environment.ProcessorCount} cores: a message of {SmallFloats:N0} parameters and its answer {small * 1e6:0} us, of {LargeFloats:N0} {large * 1e3:0.0} ms;");
        output.WriteLine($"A3C on CartPole, a worker's env step with its share of the update {step * 1e6:0.00} us, PPO's with 10 epochs {row * 1e6:0.0} us; an env step that waits 1 ms takes {waiting * 1e3:0.000} ms.");

        var slow = new ScalingModel(waiting, step, small, row) { WorkersEach = 1, Combined = Combined, Cores = Environment.ProcessorCount };
        var fast = slow with { StepSeconds = step };
        output.WriteLine("| Worker processes, one worker each, on this machine | A3C, 1 ms: measured / model | PPO, 1 ms | A3C, CartPole |");
        output.WriteLine("|---|---|---|---|");
        foreach (var processes in (int[])[1, 2, 4])
            output.WriteLine($"| {processes} | {await RateAsync("a3c", processes, 1):N0} / {slow.Asynchronous(processes).Rate:N0} | {await RateAsync("ppo", processes, 1):N0} / {slow.Synchronous(processes):N0} | {await RateAsync("a3c", processes, 0):N0} / {fast.Asynchronous(processes).Rate:N0} |");

        output.WriteLine("| Workers, each with a core, 16 a node; steps of 1 ms | A3C, 4,675 parameters (rollouts a message, lag) | PPO | A3C, 1.7 M parameters (the same) | PPO |");
        output.WriteLine("|---|---|---|---|---|");
        var many = new ScalingModel(waiting, step, small, row) { WorkersEach = 16, Combined = Combined };
        // The step's computation and the row's grow with the network; the wait is most of the step, so that only the row matters.
        var manyLarge = many with { MessageSeconds = large, LearnSeconds = row * LargeFloats / SmallFloats };
        foreach (var workers in (int[])[1, 4, 16, 64, 256, 1000])
            output.WriteLine($"| {workers:N0} | {Shown(many.Asynchronous(workers))} | {many.Synchronous(workers):N0} | {Shown(manyLarge.Asynchronous(workers))} | {manyLarge.Synchronous(workers):N0} |");
    }

    private static string Shown((double Rate, double Rollouts, double Lag) of) => $"{of.Rate:N0} ({of.Rollouts:0.0}, {of.Lag:N0})";

    private static async Task<double> RateAsync(string algorithm, int processes, double milliseconds)
    {
        var settings = ClusterSpeed.Settings(algorithm, workers: processes, steps: milliseconds > 0 ? 6_000 * processes : 3_000_000) with { StepMilliseconds = milliseconds };
        return (await MeasuredRun.ClusteredAsync(settings, processes, workersEach: 1)).Rate;
    }
}
