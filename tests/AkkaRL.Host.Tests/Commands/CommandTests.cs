using System.Text.Json;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Tests.Commands;

public sealed class CommandTests
{
    [Fact]
    public async Task List_shows_algorithms_envs_and_experiments_with_a_line_each()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("list"));

        Assert.Matches(@"(?m)^  a3c .*\(asynchronous; Discrete, MultiDiscrete, Box\)", akkarl.Output);
        Assert.All(new[] { "a3c", "CartPole-v1", "cartpole" }, name => Assert.Matches($@"(?m)^  {name} +\S+", akkarl.Output));
    }

    [Fact]
    public async Task List_as_JSON_holds_the_same()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("list --json"));

        using var list = JsonDocument.Parse(akkarl.Output);
        Assert.Contains("a3c", Names("algorithms", "name"));
        Assert.Contains("CartPole-v1", Names("environments", "id"));
        Assert.Equal(HoconFolder.Experiments().Select(experiment => experiment.Name), Names("experiments", "name"));

        IEnumerable<string?> Names(string group, string key) => list.RootElement.GetProperty(group).EnumerateArray().Select(entry => entry.GetProperty(key).GetString());
    }

    [Fact]
    public void Every_experiment_names_its_command_seeds_and_result()
    {
        foreach (var (name, _) in HoconFolder.Experiments())
        {
            var head = File.ReadLines(HoconFolder.FindExperiment(name, ".")).TakeWhile(line => line.StartsWith('#')).ToArray();

            Assert.Contains($"# Command: akkarl train {name}", head);
            Assert.Contains(head, line => line.StartsWith("# Seeds:", StringComparison.Ordinal));
            Assert.Contains(head, line => line.StartsWith("# Result:", StringComparison.Ordinal));
            SettingsLayers.Load([HoconFolder.FindExperiment(name, ".")], new Dictionary<string, string>(), []);
        }
    }

    [Fact]
    public async Task Doctor_finds_the_runtime_the_native_library_and_folders_that_can_be_written()
    {
        using var akkarl = new Akkarl();

        var exitCode = await akkarl.RunAsync("doctor");

        Assert.All(
            new[] { "runtime", "SDK", "system", "cores", "memory", "CPU vectors", "native library", "settings", "runs folder", "temp folder" },
            what => Assert.Matches($@"(?m)^(ok|warning|PROBLEM) +{what} +\S+", akkarl.Output));
        Assert.Equal(akkarl.Output.Contains("PROBLEM", StringComparison.Ordinal) ? ExitCodes.Failure : ExitCodes.Success, exitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(akkarl.Folder));
    }

    [Fact]
    public async Task Help_shows_examples_and_exit_codes()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("--help"));

        Assert.Contains("akkarl train cartpole", akkarl.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", akkarl.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("train --help"));
        Assert.Contains("--set <key=value>", akkarl.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_one_number()
    {
        using var akkarl = new Akkarl();

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("--version"));

        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", akkarl.Output);
    }

    [Fact]
    public async Task Verify_env_says_how_far_an_env_is_from_its_trace_and_fails_when_it_differs()
    {
        using var akkarl = new Akkarl();
        // CliffWalking starts at 36; going up from there is 24 and costs 1.
        const string Trace = """{"environment":"CliffWalking-v0","episodes":[{"seed":0,"initialObservation":36,"steps":[{"action":0,"observation":OBSERVED,"reward":-1,"terminated":ENDED,"truncated":false}]}]}""";
        akkarl.Write("good.json", Trace.Replace("OBSERVED", "24", StringComparison.Ordinal).Replace("ENDED", "false", StringComparison.Ordinal));
        akkarl.Write("off.json", Trace.Replace("OBSERVED", "25", StringComparison.Ordinal).Replace("ENDED", "false", StringComparison.Ordinal));
        akkarl.Write("flag.json", Trace.Replace("OBSERVED", "24", StringComparison.Ordinal).Replace("ENDED", "true", StringComparison.Ordinal));

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("verify-env good.json"));
        Assert.Matches(@"CliffWalking-v0 +1 +1 +0 +0 +matches", akkarl.Output);

        Assert.Equal(ExitCodes.Failure, await akkarl.RunAsync("verify-env good.json off.json"));
        Assert.Matches(@"CliffWalking-v0 +1 +1 +1 +0 +DIFFERS: .+", akkarl.Output);

        Assert.Equal(ExitCodes.Failure, await akkarl.RunAsync("verify-env flag.json"));
        Assert.Matches(@"CliffWalking-v0 +1 +1 +0 +1 +DIFFERS: .+", akkarl.Output);
    }
    [Fact]
    public async Task An_env_that_breaks_during_an_evaluation_is_told_as_the_env_s_fault()
    {
        using var akkarl = new Akkarl();
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"train --env Given-v0 --env-assembly {typeof(GivenEnv).Assembly.Location} --run-folder run --steps 500 --quiet"));
        akkarl.Write("run/effective.conf", akkarl.Read("run/effective.conf").Replace("Given-v0", "Fragile-v0", StringComparison.Ordinal));

        Assert.Equal(ExitCodes.Failure, await akkarl.RunAsync("evaluate run"));

        Assert.Equal("The env Fragile-v0 failed in Step: the simulator lost its connection. Correct the env.", akkarl.Error.Trim());
    }

}
