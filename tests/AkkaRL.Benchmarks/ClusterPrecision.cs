using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Benchmarks;

/// <summary>What rounding of what nodes send does to learning, and what it saves: A3C on CartPole with worker processes, and large vectors between two nodes.</summary>
internal static class ClusterPrecision
{
    private const int SmallFloats = 4_675, LargeFloats = 1_700_000;

    /// <summary>Measures and prints rows of a table.</summary>
    public static async Task PrintAsync(TextWriter output, int[] seeds, int processes)
    {
        output.WriteLine($"A3C, CartPole-v1, {ClusterSpeed.Learning(0).TotalSteps:N0} env steps, {processes} worker processes of 2 workers each, {Environment.ProcessorCount} cores; bytes of messages, without what the transport adds:");
        output.WriteLine("| Seed | Precision | Last policy, mean of 100 episodes | Solved at step | Env-steps/s | Messages | Bytes sent a message | Bytes taken a message | MB sent | MB taken |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var seed in seeds)
            foreach (var precision in Enum.GetValues<GradientPrecision>())
            {
                var run = await MeasuredRun.ClusteredAsync(ClusterSpeed.Learning(seed) with { Workers = 2 * processes }, processes, workersEach: 2, new LinkSettings { GradientPrecision = precision });
                var (summary, traffic) = (run.Result.Summary, run.Traffic);
                output.WriteLine(
                    $"| {seed} | {precision} | {summary.Evaluation!.Mean:0.0} | {summary.SolvedAtStep:N0} | {run.Rate:N0} | {traffic.Messages:N0} | {traffic.BytesSent / traffic.Messages:N0} | "
                    + $"{traffic.BytesTaken / traffic.Messages:N0} | {traffic.BytesSent / 1e6:0.0} | {traffic.BytesTaken / 1e6:0.0} |");
            }
        output.WriteLine("A change there, rounded and written, and as many parameters back, both ends on this machine, in turns:");
        output.WriteLine("| Parameters | Precision | ms |");
        output.WriteLine("|---|---|---|");
        foreach (var (floats, messages) in ((int, int)[])[(SmallFloats, 20_000), (LargeFloats, 60)])
        {
            var times = Enum.GetValues<GradientPrecision>().ToDictionary(precision => precision, _ => new List<double>());
            for (var round = 0; round < 3; round++)
                foreach (var (precision, taken) in times)
                    taken.Add(await WireSpeed.MessageSecondsAsync(floats, messages, precision) * 1e3);
            foreach (var (precision, taken) in times)
                output.WriteLine($"| {floats:N0} | {precision} | {taken.Order().ElementAt(1):0.000} ({taken.Min():0.000} to {taken.Max():0.000}) |");
        }
    }
}
