using System.Globalization;
using System.Text.Json;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Tests.Commands;

/// <summary>Whole runs through the command line, short ones.</summary>
public sealed class TrainTests
{
    private const string Short = "--steps 3000 --set stop-when-solved=off --set evaluation.interval-steps=1000 --set evaluation.episodes=3 --set evaluation.final-episodes=5 --set metrics.interval-steps=500";

    [Fact]
    public async Task A_run_leaves_settings_metrics_policies_and_a_summary()
    {
        using var akkarl = new Akkarl();

        var exitCode = await akkarl.RunAsync($"train cartpole --seed 7 --workers 3 --run-folder run {Short}");

        Assert.Equal((ExitCodes.Success, ""), (exitCode, akkarl.Error));
        Assert.Equal(
            ["best.safetensors", "effective.conf", "journal.db", "last.safetensors", "metrics.jsonl", "run.json", "run.lock", "snapshots.db", "summary.json"],
            Files(akkarl, "run").Where(name => !name.StartsWith("events.", StringComparison.Ordinal)));
        Assert.Single(Files(akkarl, "run"), name => name.StartsWith("events.out.tfevents.", StringComparison.Ordinal));
        var settings = SettingsReader.Read(HoconText.Parse(akkarl.Read("run/effective.conf"), "effective.conf").ToDictionary());
        Assert.Equal((7UL, 3, 3000L, "CartPole-v1"), (settings.Seed, settings.Workers, settings.TotalSteps, settings.Environment));
        var kinds = akkarl.Read("run/metrics.jsonl").TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("kind").GetString()).ToArray();
        Assert.Contains("progress", kinds);
        Assert.Contains("evaluation", kinds);
    }

    [Fact]
    public async Task A_policy_with_a_memory_is_saved_and_evaluated()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("train memory-ppo-lstm --run-folder run --json --quiet"));
        using var summary = JsonDocument.Parse(akkarl.Output);
        Assert.Equal("torch", summary.RootElement.GetProperty("engine").GetString());
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("evaluate run --policy last --episodes 200 --json"));
        using var evaluation = JsonDocument.Parse(akkarl.Output);
        Assert.InRange(evaluation.RootElement.GetProperty("mean").GetDouble(), 0.95, 1);
    }

    [Fact]
    public async Task A_policy_of_an_env_with_a_mask_is_saved_and_evaluated_within_it()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("train knights-tour-ppo --run-folder run --json --quiet"));
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("evaluate run --policy last --episodes 20 --json"));
        using var evaluation = JsonDocument.Parse(akkarl.Output);
        Assert.InRange(evaluation.RootElement.GetProperty("mean").GetDouble(), 0.9, 1);
    }

    [Fact]
    public async Task The_summary_has_the_documented_keys_in_their_order_and_then_those_added_later()
    {
        using var akkarl = new Akkarl();

        var exitCode = await akkarl.RunAsync($"train cartpole --run-folder run --json --quiet {Short}");

        Assert.Equal((ExitCodes.Success, ""), (exitCode, akkarl.Error));
        using var summary = JsonDocument.Parse(akkarl.Output);
        Assert.Equal(
            [
                "algorithm", "environment", "seed", "workers", "engine", "environmentSteps", "updates", "wallSeconds", "environmentStepsPerSecond",
                "solvedAtStep", "solvedAtSeconds", "evaluation", "faults", "policyLag", "stopReason", "parametersSha256",
                "bestEvaluation", "stopDetail", "snapshots",
            ],
            Keys(summary.RootElement));
        Assert.Equal(["episodes", "mean", "standardDeviation", "minimum", "maximum"], Keys(summary.RootElement.GetProperty("evaluation")));
        Assert.Equal(["environmentFaults", "workerFaults", "nonFiniteGradients", "stalls", "droppedForLag", "learnerFaults", "divergences", "staleGradients", "storageFaults", "lostNodes"], Keys(summary.RootElement.GetProperty("faults")));
        Assert.Equal(["minimum", "mean", "maximum"], Keys(summary.RootElement.GetProperty("policyLag")));
        Assert.Equal(akkarl.Output.TrimEnd(), akkarl.Read("run/summary.json").TrimEnd());
        Assert.True(summary.RootElement.GetProperty("environmentSteps").GetInt64() >= 3000);
    }

    [Fact]
    public async Task Without_a_terminal_progress_is_plain_lines_and_without_progress_there_is_the_summary()
    {
        using var akkarl = new Akkarl();

        await akkarl.RunAsync($"train --env CartPole-v1 {Short}");
        Assert.StartsWith("a3c on CartPole-v1: 2 workers", akkarl.Output, StringComparison.Ordinal);
        Assert.Contains("the best so far", akkarl.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', akkarl.Output);

        await akkarl.RunAsync($"train --env CartPole-v1 --quiet {Short}");
        Assert.StartsWith("Not solved", akkarl.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^Next +akkarl evaluate runs.\d{8}-\d{6}-cartpole-v1-1", akkarl.Output);
        Assert.Equal(2, Directory.EnumerateDirectories(Path.Combine(akkarl.Folder, "runs")).Count());
    }

    [Fact]
    public async Task At_a_terminal_there_is_a_bar()
    {
        using var akkarl = new Akkarl();

        var exitCode = await akkarl.RunAsync($"train cartpole {Short}", isTerminal: true);

        Assert.Equal((ExitCodes.Success, ""), (exitCode, akkarl.Error));
        Assert.Contains("━", akkarl.Output, StringComparison.Ordinal);
        Assert.Contains("Run folder", akkarl.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_effective_settings_of_a_deterministic_run_give_the_same_parameters_again()
    {
        using var akkarl = new Akkarl();

        await akkarl.RunAsync($"train cartpole --deterministic --run-folder first {Short}");
        await akkarl.RunAsync("train first/effective.conf --run-folder second");

        Assert.Equal(akkarl.Read("first/effective.conf"), akkarl.Read("second/effective.conf"));
        Assert.Equal(Hash("first"), Hash("second"));

        string? Hash(string run) => JsonDocument.Parse(akkarl.Read($"{run}/summary.json")).RootElement.GetProperty("parametersSha256").GetString();
    }

    [Fact]
    public async Task Evaluate_plays_the_best_or_the_last_policy_of_a_run()
    {
        using var akkarl = new Akkarl();
        await akkarl.RunAsync($"train cartpole --run-folder run {Short}");

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("evaluate run --episodes 4"));
        Assert.Matches(@"^CartPole-v1, best policy: [\d.]+ ± [\d.]+ over 4 episodes, [\d.]+ to [\d.]+\s*$", akkarl.Output);

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("evaluate run --policy last --episodes 4 --seed 3 --json"));
        var first = akkarl.Output;
        Assert.Equal(4, JsonDocument.Parse(first).RootElement.GetProperty("episodes").GetInt32());
        await akkarl.RunAsync("evaluate run --policy last --episodes 4 --seed 3 --json");
        Assert.Equal(first, akkarl.Output);
    }

    [Fact]
    public async Task Evaluate_refuses_a_policy_that_is_damaged_missing_or_of_another_network()
    {
        using var akkarl = new Akkarl();
        await akkarl.RunAsync($"train cartpole --run-folder run {Short}");
        var best = Path.Combine(akkarl.Folder, "run", "best.safetensors");
        var bytes = File.ReadAllBytes(best);
        bytes[^1] ^= 1;
        File.WriteAllBytes(best, bytes);
        File.Delete(Path.Combine(akkarl.Folder, "run", "last.safetensors"));

        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("evaluate run"));
        Assert.Contains("checksum", akkarl.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("evaluate run --policy last"));
        Assert.Contains("cannot be read", akkarl.Error, StringComparison.Ordinal);

        bytes[^1] ^= 1;
        File.WriteAllBytes(best, bytes);
        akkarl.Write("run/effective.conf", akkarl.Read("run/effective.conf").Replace("[64, 64]", "[8]", StringComparison.Ordinal));
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("evaluate run"));
        Assert.Contains("parameters", akkarl.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_run_ends_with_its_summary_and_exit_code_130()
    {
        using var akkarl = new Akkarl();
        akkarl.InterruptAfter(TimeSpan.FromSeconds(1));

        var exitCode = await akkarl.RunAsync("train cartpole --steps 1e12 --set stop-when-solved=off --run-folder run");

        Assert.Equal(ExitCodes.Interrupted, exitCode);
        Assert.Contains("Stopped.", akkarl.Output, StringComparison.Ordinal);
        Assert.Equal("stopped", JsonDocument.Parse(akkarl.Read("run/summary.json")).RootElement.GetProperty("stopReason").GetString());
        Assert.True(akkarl.Has("run/last.safetensors"));
    }

    [Fact]
    public async Task A_run_that_used_up_its_fault_budget_says_why_and_exits_with_1()
    {
        using var akkarl = new Akkarl();

        var exitCode = await akkarl.RunAsync(string.Create(CultureInfo.InvariantCulture,
            $"train --env Fragile-v0 --env-assembly {typeof(FragileEnv).Assembly.Location} --run-folder run --set faults.budget=3 --set faults.back-off-minimum=1ms --set evaluation.interval-steps=0 --set evaluation.final-episodes=0"));

        Assert.Equal(ExitCodes.Failure, exitCode);
        Assert.Contains("The run failed:", akkarl.Error, StringComparison.Ordinal);
        Assert.Contains("simulator lost its connection", akkarl.Read("run/metrics.jsonl"), StringComparison.Ordinal);
        Assert.Equal("failed", JsonDocument.Parse(akkarl.Read("run/summary.json")).RootElement.GetProperty("stopReason").GetString());
    }

    private static IEnumerable<string> Keys(JsonElement json) => json.EnumerateObject().Select(property => property.Name);

    private static IEnumerable<string> Files(Akkarl akkarl, string run) =>
        Directory.EnumerateFiles(Path.Combine(akkarl.Folder, run)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);
}
