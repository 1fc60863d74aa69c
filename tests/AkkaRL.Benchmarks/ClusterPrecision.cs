using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;

namespace AkkaRL.Benchmarks;

/// <summary>What rounding of what nodes send does to learning, and to the bytes between nodes: A3C on CartPole with worker processes.</summary>
internal static class ClusterPrecision
{
    private static readonly GradientPrecision[] Precisions = Enum.GetValues<GradientPrecision>();

    /// <summary>Measures and prints.</summary>
    public static async Task PrintAsync(TextWriter output, int[] seeds, int processes)
    {
        output.WriteLine(
            $"A3C, CartPole-v1, {ClusterSpeed.Learning(0).TotalSteps:N0} env steps, {processes} worker processes of 2 workers each, {Environment.ProcessorCount} cores; bytes of messages, without what the transport adds:");
        output.WriteLine("| Seed | Precision | Last policy, mean of 100 episodes | Solved at step | Env-steps/s | Messages | Bytes sent a message | Bytes taken a message | MB sent | MB taken |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        var runs = Precisions.ToDictionary(precision => precision, _ => new List<(RunSummary Summary, double Rate, NodeTraffic Traffic)>());
        foreach (var seed in seeds)
            for (var turn = 0; turn < Precisions.Length; turn++)
            {
                var precision = Precisions[(seed + turn) % Precisions.Length]; // another one first with each seed
                var (result, rate, traffic) = await MeasuredRun.ClusteredAsync(
                    ClusterSpeed.Learning(seed) with { Workers = 2 * processes }, processes, workersEach: 2, new LinkSettings { GradientPrecision = precision });
                runs[precision].Add((result.Summary, rate, traffic));
                output.WriteLine(
                    $"| {seed} | {precision} | {result.Summary.Evaluation!.Mean:0.0} | {result.Summary.SolvedAtStep:N0} | {rate:N0} | {traffic.Messages:N0} | {traffic.BytesSent / traffic.Messages:N0} | "
                    + $"{traffic.BytesTaken / traffic.Messages:N0} | {traffic.BytesSent / 1e6:0.0} | {traffic.BytesTaken / 1e6:0.0} |");
            }
        foreach (var (precision, of) in runs)
            output.WriteLine(
                $"{precision}, median (range) of {of.Count}: last policy {Shown(of.ConvertAll(run => run.Summary.Evaluation!.Mean))}, solved {of.Count(run => run.Summary.SolvedAtStep is not null)}, "
                + $"at step {Shown(of.ConvertAll(run => run.Summary.SolvedAtStep ?? double.PositiveInfinity))}, {Shown(of.ConvertAll(run => run.Rate))} env-steps/s, "
                + $"{Shown(of.ConvertAll(run => (double)run.Traffic.BytesSent / run.Traffic.Messages))} bytes sent a message, {Shown(of.ConvertAll(run => (double)run.Traffic.BytesTaken / run.Traffic.Messages))} taken, "
                + $"in all {Shown(of.ConvertAll(run => run.Traffic.BytesSent / 1e3))} kB sent, {Shown(of.ConvertAll(run => run.Traffic.BytesTaken / 1e3))} kB taken.");
    }

    private static string Shown(List<double> values) => $"{values.Order().ElementAt(values.Count / 2):N0} ({values.Min():N0} to {values.Max():N0})";
}
