using System.Text.Json;
using AkkaRL.Host.Commands;

namespace AkkaRL.Host.Tests.Commands;

public sealed class BenchmarkTests
{
    private static readonly string Envs = typeof(GivenEnv).Assembly.Location;

    private static string Tiny(string env) => $$"""
        akkarl {
          environment = {{env}}
          environment-assembly = "{{Envs}}"
          deterministic = on
          total-steps = 300
          evaluation { interval-steps = 50, episodes = 2, final-episodes = 3 }
          faults.budget = 0
        }
        """;

    [Fact]
    public async Task A_median_at_the_mark_passes_and_leaves_no_runs_behind()
    {
        using var akkarl = new Akkarl();
        akkarl.Write("given.conf", Tiny("Given-v0"));

        var exitCode = await akkarl.RunAsync("benchmark learning given.conf --seeds 3,1");

        Assert.Matches(@"(?m)^\| given \| 4 \| 300 \| 5\.0; 5\.0 \| 5\.0; 5\.0 \| \d+; \d+ \| 5\.0 \| pass \|\r?$", akkarl.Output);
        Assert.Equal(2, akkarl.Error.Split("after").Length - 1);
        Assert.Equal(ExitCodes.Success, exitCode);
        Assert.Equal(["given.conf"], Directory.EnumerateFileSystemEntries(akkarl.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_median_under_the_mark_misses_even_when_other_experiments_pass()
    {
        using var akkarl = new Akkarl();
        akkarl.Write("given.conf", Tiny("Given-v0"));
        akkarl.Write("pole.conf", Tiny("CartPole-v1"));

        var exitCode = await akkarl.RunAsync("benchmark learning pole.conf given.conf --seeds 1");

        Assert.Matches(@"(?m)^\| pole \| 475 \| .+ \| never \| .+ \| MISS \|\r?$", akkarl.Output);
        Assert.Matches(@"(?m)^\| given \| .+ \| pass \|\r?$", akkarl.Output);
        Assert.Equal(ExitCodes.Failure, exitCode);
    }

    [Fact]
    public async Task A_run_that_fails_counts_as_a_miss()
    {
        using var akkarl = new Akkarl();
        akkarl.Write("fragile.conf", Tiny("Fragile-v0"));

        var exitCode = await akkarl.RunAsync("benchmark learning fragile.conf --seeds 1");

        Assert.Matches(@"(?m)^\| fragile \| 1000 \| 300 \| none \| none \| never \| none \| MISS \|\r?$", akkarl.Output);
        Assert.Equal(ExitCodes.Failure, exitCode);
    }

    [Fact]
    public async Task As_JSON_it_says_the_same_and_a_named_folder_keeps_the_runs()
    {
        using var akkarl = new Akkarl();
        akkarl.Write("given.conf", Tiny("Given-v0"));

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("benchmark learning given.conf --seeds 8 --folder kept --json"));

        using var rows = JsonDocument.Parse(akkarl.Output);
        var row = Assert.Single(rows.RootElement.EnumerateArray());
        Assert.Equal(("given", "a3c", "Given-v0"), (row.GetProperty("experiment").GetString(), row.GetProperty("algorithm").GetString(), row.GetProperty("environment").GetString()));
        Assert.Equal((4.0, 300L, 3, 5.0, true), (row.GetProperty("mark").GetDouble(), row.GetProperty("budget").GetInt64(), row.GetProperty("evaluationEpisodes").GetInt32(), row.GetProperty("median").GetDouble(), row.GetProperty("passed").GetBoolean()));
        var seed = Assert.Single(row.GetProperty("seeds").EnumerateArray());
        Assert.Equal((8UL, 5.0, 5.0, "solved"), (seed.GetProperty("seed").GetUInt64(), seed.GetProperty("last").GetDouble(), seed.GetProperty("best").GetDouble(), seed.GetProperty("stopReason").GetString()));
        using var summary = JsonDocument.Parse(akkarl.Read("kept/given-8/summary.json"));
        Assert.Equal(seed.GetProperty("solvedAtStep").GetInt64(), summary.RootElement.GetProperty("solvedAtStep").GetInt64());
        Assert.Equal(seed.GetProperty("environmentSteps").GetInt64(), summary.RootElement.GetProperty("environmentSteps").GetInt64());
    }

    [Theory]
    [InlineData("benchmark", "A command is missing: learning.")]
    [InlineData("benchmark learning --sedes 1", "--sedes is not an option here. Did you mean --seeds? `akkarl benchmark learning --help`")]
    [InlineData("benchmark learning cartpole cartpol", "There is no experiment \"cartpol\". Did you mean cartpole?")]
    [InlineData("benchmark learning missing.conf", "There is no experiment file")]
    [InlineData("benchmark learning cartpole --seeds 1,x", "--seeds is 1,x; it must be whole numbers")]
    [InlineData("benchmark learning cartpole --seeds 1,,2", "--seeds is 1,,2; it must be whole numbers")]
    [InlineData("benchmark learning cartpole --seeds -1", "--seeds is -1; it must be whole numbers")]
    [InlineData("benchmark learning cartpole --seeds 2,1,2", "each seed may be named once")]
    [InlineData("benchmark learning unmarked.conf", "Unborn-v0, which has no mark to compare with")]
    [InlineData("benchmark learning blind.conf", "final-episodes = 0")]
    [InlineData("benchmark learning cartpole cartpole.conf", "Two experiments are called cartpole")]
    [InlineData("benchmark learning cartpole --folder .", "--folder . is not an empty folder")]
    public async Task Bad_input_is_refused_before_anything_is_trained(string arguments, string because)
    {
        using var akkarl = new Akkarl();
        akkarl.Write("unmarked.conf", Tiny("Unborn-v0"));
        akkarl.Write("blind.conf", "akkarl.evaluation.final-episodes = 0");
        akkarl.Write("cartpole.conf", "akkarl.seed = 2");

        var exitCode = await akkarl.RunAsync(arguments);

        Assert.Contains(because, akkarl.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.BadInput, ""), (exitCode, akkarl.Output));
        Assert.Single(akkarl.Error.TrimEnd().Split('\n'));
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(akkarl.Folder).Count());
    }

    [Fact]
    public void The_median_is_the_middle_or_the_mean_of_both_and_a_failed_run_is_the_worst()
    {
        Assert.Equal(3, BenchmarkCommand.Median([1, 9, 3]));
        Assert.Equal(2, BenchmarkCommand.Median([3, -5, 1, 9]));
        Assert.Equal(1, BenchmarkCommand.Median([null, 3, 1]));
        Assert.Equal(double.NegativeInfinity, BenchmarkCommand.Median([null, 3]));
    }
}
