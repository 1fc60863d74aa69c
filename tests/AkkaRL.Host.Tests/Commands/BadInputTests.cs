namespace AkkaRL.Host.Tests.Commands;

/// <summary>Each bad input: one paragraph on standard error that says what to do, exit code 2, nothing on standard output, nothing left behind.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("", "A command is missing: train, node, status, ")]
    [InlineData("trian cartpole", "trian is not a command. Did you mean train?")]
    [InlineData("train --wrkers 3", "--wrkers is not an option here. Did you mean --workers?")]
    [InlineData("train -x", "-x is not an option here.")]
    [InlineData("train --workers", "Required argument missing for option: '--workers'")]
    [InlineData("train --seed 1 --seed 2", "'--seed' expects a single argument")]
    [InlineData("train cartpole acrobot", "'acrobot'")]
    [InlineData("train cartpol", "There is no experiment \"cartpol\". Did you mean cartpole?")]
    [InlineData("train mine.conf", "There is no experiment file")]
    [InlineData("train cartpole --overlay mine.conf", "mine.conf cannot be read")]
    [InlineData("train --env CartPoll-v1", "Did you mean CartPole-v1?")]
    [InlineData("train --algorithm a4c", "Did you mean a3c?")]
    [InlineData("train cartpole --set akkarl.a3c.gama=0.9", "Did you mean akkarl.a3c.gamma?")]
    [InlineData("train cartpole --set a3c.gamma=1.5", "akkarl.a3c.gamma is 1.5; it must be between 0 and 1")]
    [InlineData("train cartpole --set a3c.gamma", "write --set key=value")]
    [InlineData("train cartpole --set network.hidden=[64", "never closed")]
    [InlineData("train cartpole --set network.hidden=[64]]", "']' comes after the value of akkarl.network.hidden")]
    [InlineData("train cartpole --workers 0", "akkarl.workers is 0; it must be between 1 and 1024")]
    [InlineData("train cartpole --workers two", "akkarl.workers is \"two\" (--workers); it must be a whole number")]
    [InlineData("train cartpole --steps -1", "akkarl.total-steps is -1; it must be at least 1")]
    [InlineData("train cartpole --steps 1e30", "must be a whole number up to 9223372036854775807")]
    [InlineData("train cartpole --engine fast", "akkarl.engine is \"fast\" (--engine); it must be one of auto, fused, torch")]
    [InlineData("train cartpole --set device=cuda:0 --engine fused", "the fused engine is always on the CPU")]
    [InlineData("train cartpole --set device=nowhere --engine torch", "akkarl.device is \"nowhere\"")]
    [InlineData("train cartpole --set network.recurrent=lstm --engine fused", "akkarl.network.recurrent is lstm, but akkarl.engine is fused")]
    [InlineData("train cartpole-dqn --set network.recurrent=lstm", "akkarl.network.recurrent is lstm, but akkarl.algorithm is dqn")]
    [InlineData("train cartpole --set network.convolution=small", "which reads images, but CartPole-v1 has observations of Box(4)")]
    [InlineData("train cartpole --set network.hidden=[65536,65536]", "akkarl.network: A network has at most 100000000 parameters; a layer of 65536 inputs and 65536 outputs alone takes 4295032832.")]
    [InlineData("train cartpole-dqn --set network.hidden=[9000,9000,9000]", "A network has at most 100000000 parameters")]
    [InlineData("train cartpole --database Host=localhost", "akkarl.snapshots.database is sqlite")]
    [InlineData("train cartpole --env-assembly missing.dll", "There is no env assembly")]
    [InlineData("evaluate missing", "holds no run")]
    [InlineData("evaluate .", "holds no run")]
    [InlineData("evaluate", "'run'")]
    [InlineData("evaluate . --policy worst", "--policy is worst; it must be best or last")]
    [InlineData("evaluate . --episodes 0", "--episodes is 0; it must be a whole number between 1 and 1000000")]
    [InlineData("evaluate . --seed x", "--seed is x; it must be a whole number")]
    [InlineData("list everything", "'everything'")]
    [InlineData("verify-env", "'trace.json'")]
    [InlineData("verify-env missing.json", "cannot be read")]
    [InlineData("verify-env missing.json --tolerance -1", "--tolerance is -1; it must be a number of 0 or more")]
    [InlineData("verify-env missing.json --tolerance nan", "--tolerance is NaN")]
    public async Task Bad_input_is_told_in_one_paragraph_with_exit_code_2(string arguments, string because)
    {
        using var akkarl = new Akkarl();

        await AssertRefused(akkarl, arguments, because);

        Assert.Empty(Directory.EnumerateFileSystemEntries(akkarl.Folder));
    }

    [Theory]
    [InlineData("akkarl {\n  workers = 2\n", "mine.conf, line 1: ")]
    [InlineData("akkarl {\n  workers =\n}\n", "mine.conf, line 2: ")]
    [InlineData("akkarl {\n}\n}\n", "mine.conf, line 3: ")]
    [InlineData("akkarl {\n  wrokers = 2\n}\n", "mine.conf, line 2) is not a setting. Did you mean akkarl.workers?")]
    [InlineData("akkarl {\n  workers = two\n}\n", "mine.conf, line 2); it must be a whole number")]
    public async Task A_bad_experiment_file_is_told_with_its_line(string text, string because)
    {
        using var akkarl = new Akkarl();
        akkarl.Write("mine.conf", text);

        await AssertRefused(akkarl, "train mine.conf", because);

        Assert.False(akkarl.Has("runs"));
    }

    [Fact]
    public async Task A_bad_environment_variable_is_named()
    {
        using var akkarl = new Akkarl();
        akkarl.Variables["AKKARL__A3C__GAMA"] = "0.9";

        await AssertRefused(akkarl, "train cartpole", "akkarl.a3c.gama (environment variable AKKARL__A3C__GAMA) is not a setting. Did you mean akkarl.a3c.gamma?");
    }

    [Fact]
    public async Task A_run_folder_that_cannot_be_made_is_refused()
    {
        using var akkarl = new Akkarl();
        akkarl.Write("file", "in the way");

        await AssertRefused(akkarl, "train cartpole --run-folder file/run", "cannot be written");
        await AssertRefused(akkarl, "train cartpole --run-folder file", "cannot be written");
    }

    [Fact]
    public async Task A_run_folder_that_holds_a_run_is_left_alone()
    {
        using var akkarl = new Akkarl();
        Directory.CreateDirectory(Path.Combine(akkarl.Folder, "old"));
        akkarl.Write("old/summary.json", "{}");

        await AssertRefused(akkarl, "train cartpole --run-folder old", "already holds a run");

        Assert.Equal(["summary.json"], Directory.EnumerateFileSystemEntries(Path.Combine(akkarl.Folder, "old")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_env_whose_spaces_the_algorithm_cannot_serve_is_refused()
    {
        using var akkarl = new Akkarl();

        await AssertRefused(akkarl, $"train --env Switchboard-v0 --algorithm dqn --env-assembly {typeof(SwitchboardEnv).Assembly.Location}", "akkarl.algorithm is \"dqn\", which chooses among Discrete actions, but the env has actions of MultiDiscrete(2, 2). Set akkarl.algorithm to one of a3c, ppo");
        await AssertRefused(akkarl, "train --env KnightsTour-v0 --algorithm sac", "akkarl.algorithm is \"sac\", which chooses Box actions and knows no masks, but the env has actions of Discrete(25). Set akkarl.algorithm to one of");
        await AssertRefused(akkarl, $"train --env Blindfold-v0 --env-assembly {typeof(SwitchboardEnv).Assembly.Location}", "Blindfold-v0 says that it has an action mask, but its actions are Box(1)");

        Assert.False(akkarl.Has("runs"));
    }

    [Fact]
    public async Task An_env_that_cannot_be_made_is_refused()
    {
        using var akkarl = new Akkarl();

        await AssertRefused(akkarl, $"train --env Unborn-v0 --env-assembly {typeof(SwitchboardEnv).Assembly.Location}", "The env Unborn-v0 cannot be made");

        Assert.False(akkarl.Has("runs"));
    }

    [Fact]
    public async Task An_assembly_that_is_none_and_one_without_envs_are_refused()
    {
        using var akkarl = new Akkarl();
        var none = akkarl.Write("none.dll", "not an assembly");

        await AssertRefused(akkarl, $"train --env X-v0 --env-assembly {none}", "cannot be loaded");
        await AssertRefused(akkarl, $"train --env X-v0 --env-assembly {typeof(CommandLine).Assembly.Location}", "has no env");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[1, 2]")]
    [InlineData("""{"environment":"CartPole-v1","episodes":[{"seed":0,"initialObservation":[1],"steps":[]}]}""")]
    [InlineData("""{"environment":"CartPoll-v1","episodes":[{"seed":0,"initialObservation":[1,2,3,4],"steps":[]}]}""")]
    public async Task A_file_that_is_no_trace_of_an_env_of_ours_is_refused(string text)
    {
        using var akkarl = new Akkarl();
        akkarl.Write("trace.json", text);

        await AssertRefused(akkarl, "verify-env trace.json", "");
    }

    private static async Task AssertRefused(Akkarl akkarl, string arguments, string because)
    {
        var exitCode = await akkarl.RunAsync(arguments);

        Assert.Contains(because, akkarl.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Equal("", akkarl.Output);
        Assert.Single(akkarl.Error.TrimEnd().Split('\n'));
    }
}
