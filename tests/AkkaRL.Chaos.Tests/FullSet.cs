using System.Globalization;
using AkkaRL.Chaos.Tests.Faults;
using AkkaRL.Chaos.Tests.Kit;
using AkkaRL.Envs;
using Xunit.Abstractions;

namespace AkkaRL.Chaos.Tests;

/// <summary>
/// Tries of one fault: for scripts/chaos.sh as many as it asks for, of the fault that it names, with the settings that a cluster has by default, and the
/// row of the table that comes of them. Among all tests, one of the learner's kill.
/// </summary>
public sealed class FullSet(ChaosPlace place, ITestOutputHelper output) : IClassFixture<ChaosPlace>
{
    /// <summary>From the loss of the learner's node to env steps that count, at most.</summary>
    private const double SecondsToTraining = 15;

    /// <summary>Without progress when a worker's node is lost, at most: far less than the time after which it is taken for dead, for nobody waits for it.</summary>
    private const double SecondsWithoutProgress = 2;

    /// <summary>Whether scripts/chaos.sh is at work.</summary>
    internal static bool IsAskedFor => Environment.GetEnvironmentVariable("AKKARL_CHAOS_FAULT") is not null;

    [ChaosFact]
    public async Task A_run_outlives_every_try()
    {
        var name = Environment.GetEnvironmentVariable("AKKARL_CHAOS_FAULT") ?? "learner-killed";
        var fault = Fault.All.Single(fault => fault.Name == name);
        var (tries, seed) = (Number("AKKARL_CHAOS_TRIES", 1), Number("AKKARL_CHAOS_SEED", 1));
        var isPossible = !fault.NeedsNetwork || NamespaceNetwork.WhyNot is null;
        var played = new List<FaultPlayed>();
        var failures = new List<string>();
        for (var attempt = 0; attempt < tries && isPossible; attempt++)
        {
            await using var run = await place.MakeRunAsync(IsAskedFor ? TimeSpan.FromSeconds(3) : ChaosTests.StableAfter);
            try
            {
                var one = await fault.PlayAsync(run, new Pcg64((ulong)(seed + attempt)));
                if (IsAskedFor && name == "learner-killed" && one.SecondsToTraining > SecondsToTraining)
                    failures.Add($"Try {attempt + 1}: training again after {one.SecondsToTraining:0.0} s.\n{run.Transcript()}");
                if (IsAskedFor && name.StartsWith("worker", StringComparison.Ordinal) && one.SecondsWithoutProgress > SecondsWithoutProgress)
                    failures.Add($"Try {attempt + 1}: {one.SecondsWithoutProgress:0.0} s without progress.\n{run.Transcript()}");
                played.Add(one);
                output.WriteLine($"Try {attempt + 1}: {one}");
            }
            catch (ChaosException broken)
            {
                failures.Add($"Try {attempt + 1}: {broken.Message}");
            }
        }
        var row = !isPossible
            ? $"| {fault.Summary} | 0 | not possible here: {NamespaceNetwork.WhyNot} |"
            : $"| {fault.Summary} | {tries} | {tries - failures.Count} of {tries}; {Figures(played)} |";
        output.WriteLine(row);
        if (Environment.GetEnvironmentVariable("AKKARL_CHAOS_ROWS") is { } path)
            await File.AppendAllTextAsync(path, $"{row}\n");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static string Figures(List<FaultPlayed> played)
    {
        var parts = new List<string>();
        if (Spread(played.Select(one => one.SecondsToTraining)) is { } training)
            parts.Add($"training again after {training} s");
        if (Spread(played.Select(one => one.SecondsWithoutProgress)) is { } without)
            parts.Add($"longest time between two lines of progress {without} s");
        if (played.Any(one => one.SecondsToTraining is not null))
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"went back by at most {played.Max(one => one.LostSteps):N0} of {ChaosRun.SnapshotInterval:N0} steps"));
        if (played.Count > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"at most {played.Max(one => one.NotCountedSteps):N0} steps made in vain"));
        if (played.Select(one => one.Means).FirstOrDefault(means => means != "") is { } how)
            parts.Add(how);
        return string.Join("; ", parts);
    }

    /// <summary>Least, median, most.</summary>
    private static string? Spread(IEnumerable<double?> values)
    {
        var sorted = values.OfType<double>().Order().ToArray();
        return sorted is [] ? null : string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:0.0} / {sorted[sorted.Length / 2]:0.0} / {sorted[^1]:0.0}");
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
