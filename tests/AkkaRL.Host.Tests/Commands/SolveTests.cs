using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AkkaRL.Host.Tests.Commands;

public sealed class SolveTests
{
    [Theory]
    [InlineData("value-iteration", "sweeps")]
    [InlineData("policy-iteration", "policies")]
    public async Task FrozenLake_is_shown_as_grids_of_values_and_of_arrows(string method, string unit)
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"solve frozenlake --method {method}"));

        Assert.Matches($@"^FrozenLake-v1, {method}, gamma 0\.99: \d+ {unit}, Bellman residual \d\.\de-\d+, value at the start 0\.5420\r?\n", akkarl.Output);
        var lines = akkarl.Output.Split('\n', StringSplitOptions.TrimEntries);
        var values = lines.SkipWhile(line => line != "Values").Skip(1).Take(4).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.All(values, row => Assert.Equal(4, row.Length));
        // The holes are worth nothing; the state before the goal is worth the most.
        Assert.All(new[] { values[1][1], values[1][3], values[2][3], values[3][0] }, hole => Assert.Equal("0.0000", hole));
        Assert.Equal("0.8628", values[3][2]);
        // Away from the holes, whatever the ice does; in a hole and at the goal all actions are equal, and the first is shown.
        Assert.Equal(["← ↑ ↑ ↑", "← ← ← ←", "↑ ↓ ← ←", "← → ↓ ←"], lines.SkipWhile(line => line != "Policy").Skip(1).Take(4));
    }

    [Theory]
    [InlineData("frozenlake", 16, 0.5420)]
    [InlineData("FrozenLakeNotSlippery-v1", 16, 0.9510)]
    [InlineData("cliffwalking", 48, -12.2479)]
    [InlineData("taxi", 500, 6.3275)]
    public async Task Both_ways_of_dynamic_programming_agree_and_leave_no_Bellman_residual(string env, int states, double startValue)
    {
        using var akkarl = new Akkarl();
        var solutions = new List<(double Start, double[] Values)>();
        foreach (var method in new[] { "value-iteration", "policy-iteration" })
        {
            Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"solve {env} --method {method} --json"));
            using var solved = JsonDocument.Parse(akkarl.Output);
            Assert.InRange(solved.RootElement.GetProperty("residual").GetDouble(), 0, 1e-8);
            Assert.Equal(states, solved.RootElement.GetProperty("policy").GetArrayLength());
            solutions.Add((solved.RootElement.GetProperty("startValue").GetDouble(), [.. solved.RootElement.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())]));
        }

        Assert.Equal(states, solutions[0].Values.Length);
        Assert.Equal(startValue, solutions[0].Start, tolerance: 1e-4);
        Assert.All(solutions[0].Values.Zip(solutions[1].Values), pair => Assert.Equal(pair.Item1, pair.Item2, tolerance: 1e-6));
    }

    [Fact]
    public async Task The_policy_is_judged_by_its_return_under_the_envs_time_limit()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("solve frozenlake"));

        // Known from simulation: this policy crosses in about 74 of 100 episodes of 100 steps.
        var earned = Regex.Match(akkarl.Output, @"earns (0\.\d{4}) on average, undiscounted, in an episode of at most 100 steps");
        Assert.InRange(double.Parse(earned.Groups[1].Value, CultureInfo.InvariantCulture), 0.72, 0.76);
    }

    [Fact]
    public async Task Q_learning_comes_near_from_samples_alone_and_one_seed_gives_one_answer()
    {
        using var akkarl = new Akkarl();
        var answers = new List<string>();
        foreach (var seed in new[] { 1, 1, 2 })
        {
            Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"solve frozenlake --method q-learning --steps 300000 --seed {seed} --json"));
            answers.Add(akkarl.Output);
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.NotEqual(answers[0], answers[2]);
        using var solved = JsonDocument.Parse(answers[0]);
        Assert.InRange(solved.RootElement.GetProperty("startValue").GetDouble(), 0.49, 0.59);
        Assert.InRange(solved.RootElement.GetProperty("residual").GetDouble(), 1e-6, 1);
        Assert.InRange(solved.RootElement.GetProperty("episodeReturn").GetDouble(), 0.6, 0.76);
    }

    [Fact]
    public async Task A_table_too_large_for_a_screen_is_left_to_JSON()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("solve taxi"));

        Assert.Contains("500 states; --json prints them.", akkarl.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Policy", akkarl.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("solve", "'env'")]
    [InlineData("solve frozenlak", "frozenlak is not an env. Did you mean FrozenLake-v1? Solve takes FrozenLake-v1")]
    [InlineData("solve cartpole", "CartPole-v1 has no table of its MDP. Solve takes FrozenLake-v1")]
    [InlineData("solve frozenlake --method magic", "--method is magic; it must be one of value-iteration, policy-iteration, q-learning")]
    [InlineData("solve frozenlake --gamma 1.5", "--gamma is 1.5; it must be a number between 0 and 1")]
    [InlineData("solve frozenlake --steps many", "--steps is many; it must be a number between 1")]
    public async Task Bad_input_is_refused(string arguments, string because)
    {
        using var akkarl = new Akkarl();

        var exitCode = await akkarl.RunAsync(arguments);

        Assert.Contains(because, akkarl.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.BadInput, ""), (exitCode, akkarl.Output));
        Assert.Single(akkarl.Error.TrimEnd().Split('\n'));
    }
}
