using System.Diagnostics;
using System.Text.Json;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Host.Tests.Commands;

/// <summary>Runs that are killed, stopped or finished, and go on: the command line, its refusals, and the files of the run.</summary>
public sealed class ResumeTests
{
    private const string Kept = "--set stop-when-solved=off --set evaluation.interval-steps=2000 --set evaluation.episodes=3 --set evaluation.final-episodes=0 --set metrics.interval-steps=500 --set snapshots.interval-steps=2000";

    [Fact]
    public async Task A_run_that_is_killed_again_and_again_ends_with_the_parameters_of_the_run_never_interrupted()
    {
        // The moments come from a seed: five runs, four kills each, every other one right after a snapshot, the others anywhere. Long enough for
        // none to be over before it is killed.
        var random = new RandomStream(seed: 3);
        var resumedFromSnapshot = 0;
        for (var seed = 1; seed <= 5; seed++)
        {
            using var akkarl = new Akkarl();
            var options = $"train cartpole --deterministic --seed {seed} --steps 600000 {Kept}";
            Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"{options} --run-folder whole --quiet"));
            for (var kill = 0; kill < 4; kill++)
                await KillAsync(akkarl, $"{options} --run-folder run --resume", 1 + random.NextInteger(4), containing: kill % 2 == 0 ? "snapshot at" : "");
            Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("resume run --quiet"));

            Assert.Equal(Summary(akkarl, "whole", "parametersSha256").GetString(), Summary(akkarl, "run", "parametersSha256").GetString());
            Assert.Equal(Steps(akkarl, "whole"), Steps(akkarl, "run"));
            if (Summary(akkarl, "run", "snapshots").GetProperty("resumedAtStep").GetInt64() > 0)
                resumedFromSnapshot++;
        }
        Assert.Equal(5, resumedFromSnapshot);
    }

    [Theory]
    [InlineData("--env CartPole-v1 --set algorithm=ppo --steps 60000", 2)]
    [InlineData("--env CartPole-v1 --set algorithm=dqn --steps 12000 --set dqn.train-interval=4 --set dqn.batch-size=16", 2)]
    [InlineData("--env Pendulum-v1 --set algorithm=sac --steps 12000 --set sac.train-interval=4 --set sac.batch-size=16 --set snapshots.replay-limit=0", 2)]
    public async Task A_run_of_another_shape_is_killed_and_goes_on(string run, int kills)
    {
        using var akkarl = new Akkarl();
        var options = $"train {run} {Kept}";
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"{options} --run-folder whole --quiet"));
        for (var kill = 0; kill < kills; kill++)
            await KillAsync(akkarl, $"{options} --run-folder run --resume", 1 + kill, containing: "snapshot at");
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("resume run --quiet"));

        Assert.Equal(Summary(akkarl, "whole", "parametersSha256").GetString(), Summary(akkarl, "run", "parametersSha256").GetString());
        // Sorted, for training does not wait for the evaluations of the replay shape: their rows come when they are done.
        Assert.Equal(Steps(akkarl, "whole").Order(), Steps(akkarl, "run").Order());
        Assert.True(Summary(akkarl, "run", "snapshots").GetProperty("resumedAtStep").GetInt64() > 0);
        Assert.True(Summary(akkarl, "run", "snapshots").GetProperty("resumedExactly").GetBoolean());
    }

    [Theory]
    [InlineData("workers=3", "akkarl.workers = 2, not 3")]
    [InlineData("ppo.envs-per-worker=5", "akkarl.ppo.envs-per-worker = 4, not 5")]
    public async Task A_shape_whose_workers_take_turns_is_another_run_with_more_of_them(string option, string message)
    {
        using var akkarl = new Akkarl();
        await akkarl.RunAsync($"train cartpole-ppo --run-folder run --quiet --steps 1000 --set workers=2 --set ppo.envs-per-worker=4 {Kept}");
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync($"resume run --set {option}"));
        Assert.Contains(message, akkarl.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_run_is_resumed_inspected_and_made_longer()
    {
        using var akkarl = new Akkarl();
        akkarl.InterruptAfter(TimeSpan.FromSeconds(2));
        Assert.Equal(ExitCodes.Interrupted, await akkarl.RunAsync($"train cartpole --run-folder run --quiet --steps 1e12 {Kept}"));
        using var later = new Akkarl(akkarl.Folder);
        Assert.Equal(ExitCodes.Success, await later.RunAsync("inspect run --json"));
        var snapshots = JsonDocument.Parse(later.Output).RootElement;
        Assert.True(snapshots.GetArrayLength() >= 1);
        Assert.All(snapshots.EnumerateArray(), snapshot => Assert.True(snapshot.GetProperty("isValid").GetBoolean()));
        Assert.Equal(Summary(akkarl, "run", "environmentSteps").GetInt64(), snapshots[snapshots.GetArrayLength() - 1].GetProperty("info").GetProperty("globalStep").GetInt64());
        Assert.Equal(ExitCodes.Success, await later.RunAsync("inspect run"));
        Assert.Contains("valid, fresh episodes", later.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_run_says_so_and_goes_on_when_asked_for_more()
    {
        using var akkarl = new Akkarl();
        await akkarl.RunAsync($"train cartpole --run-folder run --quiet --steps 3000 {Kept}");
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("resume run"));
        Assert.Contains("The run is finished: its 3000 env steps are made.", akkarl.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("resume run --quiet --steps 4000"));
        Assert.Equal(4000, Summary(akkarl, "run", "environmentSteps").GetInt64());
    }

    [Theory]
    [InlineData("cartpole")]
    [InlineData("cartpole-ppo")]
    [InlineData("cartpole-dqn")]
    public async Task A_finished_run_that_ended_before_a_snapshot_was_due_goes_on_from_its_end(string experiment)
    {
        using var akkarl = new Akkarl();
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"train {experiment} --run-folder run --quiet --steps 3000"));
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("resume run --quiet --steps 4000"));
        Assert.Equal(3000, Summary(akkarl, "run", "snapshots").GetProperty("resumedAtStep").GetInt64());
        Assert.Equal(4000, Summary(akkarl, "run", "environmentSteps").GetInt64());
    }

    [Fact]
    public async Task A_finished_run_that_kept_no_snapshot_is_not_begun_anew()
    {
        using var akkarl = new Akkarl();
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("train cartpole --run-folder run --quiet --steps 3000 --set snapshots.enabled=off"));
        var summary = akkarl.Read("run/summary.json");
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("resume run --quiet --steps 4000"));
        Assert.Contains("has no snapshot to go on from", akkarl.Error, StringComparison.Ordinal);
        Assert.Equal(summary, akkarl.Read("run/summary.json"));
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(2000, false)]
    public async Task A_run_that_was_too_short_to_learn_anything_says_so(int steps, bool isTooShort)
    {
        using var akkarl = new Akkarl();
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"train cartpole-dqn --run-folder run --quiet --steps {steps}"));
        Assert.Equal(isTooShort, akkarl.Output.Contains("nothing: the run was over before its first update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_JSON_a_finished_run_says_its_summary_again()
    {
        using var akkarl = new Akkarl();
        await akkarl.RunAsync("train cartpole --run-folder run --quiet --steps 1000");
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("resume run --json"));
        Assert.Equal(1000, JsonDocument.Parse(akkarl.Output).RootElement.GetProperty("environmentSteps").GetInt64());
    }

    [Theory]
    [InlineData("--set a3c.gamma=0.5", "akkarl.a3c.gamma = 0.99, not 0.5")]
    [InlineData("--set workers=5", "akkarl.workers = 2, not 5")]
    [InlineData("--set seed=9", "akkarl.seed = 1, not 9")]
    [InlineData("--steps 10", "can only be made longer")]
    [InlineData("--set snapshots.database=postgresql", "other database")]
    public async Task Settings_that_would_make_it_another_run_are_refused(string options, string message)
    {
        using var akkarl = new Akkarl();
        await akkarl.RunAsync($"train cartpole --deterministic --run-folder run --quiet --steps 1000 {Kept}");
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync($"resume run {options}"));
        Assert.Contains(message, akkarl.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_run_and_resume_without_a_folder_are_refused()
    {
        using var akkarl = new Akkarl();
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("resume nowhere"));
        Assert.Contains("holds no run", akkarl.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("train cartpole --resume"));
        Assert.Contains("--resume needs --run-folder", akkarl.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PostgreSQL_without_a_connection_string_is_refused_before_anything_is_trained()
    {
        using var akkarl = new Akkarl();
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("train cartpole --overlay hocon/postgres.conf"));
        Assert.Contains("--database or in the variable AKKARL_DATABASE", akkarl.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_is_refused_and_told_which_has_the_run()
    {
        using var akkarl = new Akkarl();
        using var first = Start(akkarl, $"train cartpole --run-folder run --steps 1e12 {Kept}");
        await first.StandardOutput.ReadLineAsync();
        Assert.Equal(ExitCodes.BadInput, await akkarl.RunAsync("resume run"));
        Assert.Contains($"belongs to process {first.Id}, which is running", akkarl.Error, StringComparison.Ordinal);
        first.Kill();
        await first.WaitForExitAsync();
    }

    /// <summary>Starts a process and kills it with SIGKILL once it has written so many lines, or so many of snapshots.</summary>
    private static async Task KillAsync(Akkarl akkarl, string arguments, int lines, string containing)
    {
        using var process = Start(akkarl, arguments);
        while (lines > 0 && await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.Contains(containing, StringComparison.Ordinal))
                lines--;
        process.Kill();
        await process.WaitForExitAsync();
    }

    private static JsonElement Summary(Akkarl akkarl, string run, string key) => JsonDocument.Parse(akkarl.Read($"{run}/summary.json")).RootElement.GetProperty(key);

    private static long[] Steps(Akkarl akkarl, string run) =>
    [
        .. akkarl.Read($"{run}/metrics.jsonl").TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)
            .Where(row => row.GetProperty("kind").GetString() != "fault").Select(row => row.GetProperty("globalStep").GetInt64()),
    ];

    private static Process Start(Akkarl akkarl, string arguments) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "akkarl"), arguments)
    {
        WorkingDirectory = akkarl.Folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
