using AkkaRL.Actors.Training;
using AkkaRL.Benchmarks.Plain;
using AkkaRL.Envs;

namespace AkkaRL.Benchmarks;

/// <summary>
/// Env-steps/s of whole training runs of A2C, PPO, DQN, DDPG and SAC, everything included, beside plain TorchSharp loops that do the same
/// work, in turns, so that what disturbs one disturbs the other.
/// </summary>
internal static class PlainThroughput
{
    private const int Rounds = 5;

    /// <summary>Measures the contests and prints medians as a Markdown table.</summary>
    public static async Task PrintAsync(IEnumerable<Contest> contests, TextWriter output)
    {
        output.WriteLine(
            $"Env-steps/s, median (range) of {Rounds}, in turns; {Environment.ProcessorCount} cores. Updates are per 1,000 env steps, of both.");
        output.WriteLine();
        output.WriteLine("| Training | plain TorchSharp loop | AkkaRL | ratio | by processor time | updates | AkkaRL's updates/s |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var contest in contests)
        {
            await RequireSameWorkAsync(contest);
            var (plain, ours) = (new List<Outcome>(), new List<Outcome>());
            for (var round = 0; round < Rounds; round++)
            {
                ours.Add(await TrainAsync(contest.Of(contest.Settings.TotalSteps)));
                plain.Add(contest.Plain(contest.Of(contest.PlainSteps)));
            }
            var (fast, slow) = (Median(ours, run => run.StepsPerSecond), Median(plain, run => run.StepsPerSecond));
            var onProcessor = Median(ours, run => run.StepsPerProcessorSecond) / Median(plain, run => run.StepsPerProcessorSecond);
            output.WriteLine(
                $"| {contest.Name}: {contest.Work} | {Range(plain)} | {Range(ours)} | {fast / slow:0.0}x | {onProcessor:0.0}x "
                + $"| {1000.0 * ours[0].Updates / ours[0].Steps:0.##} | {Median(ours, run => run.Updates / run.Seconds):N0} |");
        }

        static string Range(List<Outcome> runs) =>
            $"{Median(runs, run => run.StepsPerSecond):N0} ({runs.Min(run => run.StepsPerSecond):N0} to {runs.Max(run => run.StepsPerSecond):N0})";
    }

    /// <summary>Trains every loop for long enough to see that it learns, AkkaRL beside it; returns whether all do.</summary>
    public static async Task<bool> CheckAsync(IEnumerable<Contest> contests, TextWriter output)
    {
        output.WriteLine($"Mean return of the last {Episodes.Window} episodes of training.");
        output.WriteLine();
        output.WriteLine("| Training | env steps | wanted | plain TorchSharp loop | AkkaRL |");
        output.WriteLine("|---|---|---|---|---|");
        var allLearn = true;
        foreach (var contest in contests)
        {
            var settings = contest.Of(contest.LearningSteps);
            var (plain, ours) = (contest.Plain(settings), await TrainAsync(settings));
            output.WriteLine($"| {contest.Name} | {contest.LearningSteps:N0} | {contest.Learned} | {plain.MeanReturn:0.0} | {ours.MeanReturn:0.0} |");
            allLearn &= plain.MeanReturn >= contest.Learned && ours.MeanReturn >= contest.Learned;
        }
        return allLearn;
    }

    /// <summary>Runs both for as long, which also compiles them, and compares their updates.</summary>
    private static async Task RequireSameWorkAsync(Contest contest)
    {
        var settings = contest.Of(contest.PlainSteps);
        var (plain, ours) = (contest.Plain(settings), await TrainAsync(settings));
        if (plain.Steps != ours.Steps || plain.Updates != ours.Updates)
            throw new InvalidOperationException(
                $"{contest.Name}: the loop made {plain.Updates} updates in {plain.Steps} env steps, AkkaRL {ours.Updates} in {ours.Steps}.");
    }

    private static double Median(List<Outcome> runs, Func<Outcome, double> rate) => runs.Select(rate).Order().ElementAt(runs.Count / 2);

    private static async Task<Outcome> TrainAsync(RunSettings settings)
    {
        var processorTime = Environment.CpuUsage.TotalTime;
        var meanReturn = double.NaN;
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment), message =>
        {
            if (message is ProgressReported progress)
                meanReturn = progress.MeanReturn;
        });
        var summary = result.Summary;
        return new Outcome(
            summary.EnvironmentSteps, summary.Updates, summary.WallSeconds, (Environment.CpuUsage.TotalTime - processorTime).TotalSeconds, meanReturn);
    }
}
