using System.Text.Json;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Commands;
using AkkaRL.Host.Settings;
using AkkaRL.Models.Networks;

namespace AkkaRL.Host.Tests.Commands;

public sealed class RecommendTests
{
    private static readonly bool[] Both = [false, true];

    private static readonly EnvSpec Unbounded = new("Unbounded-v0", "", () => new UnboundedEnv(), 5);

    private static IEnumerable<RecommendCommand.Answers> AllAnswers =>
        from costly in Both from parallel in Both from memory in Both select new RecommendCommand.Answers(costly, parallel, memory);

    [Fact]
    public void Whatever_the_env_and_the_answers_the_algorithm_is_in_the_catalog_and_can_serve_the_env()
    {
        foreach (var env in EnvCatalog.BuiltIn.All.Add(Unbounded))
            foreach (var answers in AllAnswers)
            {
                var recommended = RecommendCommand.Recommend(env, "", answers);

                Assert.Contains(recommended.Algorithm, AlgorithmCatalog.All.Select(entry => entry.Name));
                _ = new RunPlan(new RunSettings { Algorithm = recommended.Algorithm }, env);
                Assert.All(recommended.Reasons, reason => Assert.EndsWith(".", reason, StringComparison.Ordinal));
                Assert.Equal(answers.Memory, recommended.Reasons.Any(reason => reason.Contains("depends on the past", StringComparison.Ordinal)));
                const string Memory = " --set network.recurrent=lstm";
                var setsMemory = recommended.Command.EndsWith(Memory, StringComparison.Ordinal);
                Assert.False(setsMemory && !answers.Memory);
                var settings = recommended.Experiment is not { } experiment
                    ? new RunSettings { Algorithm = recommended.Algorithm, Environment = env.Id }
                    : SettingsLayers.Load([HoconFolder.FindExperiment(experiment, ".")], new Dictionary<string, string>(), []);
                Assert.Equal((recommended.Algorithm, env.Id), (settings.Algorithm, settings.Environment));
                Assert.Equal(
                    (recommended.Experiment is null ? $"akkarl train --env {env.Id} --algorithm {recommended.Algorithm}" : $"akkarl train {recommended.Experiment}") + (setsMemory ? Memory : ""),
                    recommended.Command);
                _ = new RunPlan(setsMemory ? settings with { Network = settings.Network with { Recurrent = RecurrentKind.LSTM } } : settings, env);
            }
    }

    [Theory]
    [InlineData("CartPole-v1", true, true, "replay")]
    [InlineData("CartPole-v1", true, false, "replay")]
    [InlineData("CartPole-v1", false, true, "asynchronous")]
    [InlineData("CartPole-v1", false, false, "synchronous")]
    [InlineData("Pendulum-v1", true, true, "replay")]
    [InlineData("Pendulum-v1", false, true, "asynchronous")]
    [InlineData("Pendulum-v1", false, false, "synchronous")]
    [InlineData("Taxi-v3", true, false, "replay")]
    public void Costly_steps_call_for_a_replay_and_parallel_envs_for_workers_that_do_not_wait(string env, bool costly, bool parallel, string shape)
    {
        var recommended = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find(env), "", new(costly, parallel, Memory: false));

        Assert.Equal(shape, AlgorithmCatalog.Find(recommended.Algorithm).Shape);
    }

    [Fact]
    public void Of_several_suitable_algorithms_the_one_with_an_experiment_on_the_env_goes_first()
    {
        var recommended = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find("MountainCar-v0"), "", new(DataIsCostly: false, ParallelSimulator: true, Memory: false));

        Assert.Equal(("ppo", "mountaincar-ppo"), (recommended.Algorithm, recommended.Experiment));
    }

    [Fact]
    public void Of_several_experiments_the_one_without_extras_is_named()
    {
        var recommended = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find("cartpole"), "", new(DataIsCostly: true, ParallelSimulator: false, Memory: false));

        Assert.Equal("cartpole-dqn", recommended.Experiment);
    }

    [Fact]
    public void Where_every_replay_algorithm_refuses_the_env_another_is_named_and_the_reason_given()
    {
        var recommended = RecommendCommand.Recommend(Unbounded, "", new(DataIsCostly: true, ParallelSimulator: false, Memory: false));

        Assert.Equal("asynchronous", AlgorithmCatalog.Find(recommended.Algorithm).Shape);
        Assert.Contains(recommended.Reasons, reason => reason.Contains("refuse this env's spaces", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_a_memory_is_wanted_an_experiment_with_one_goes_before_all_else()
    {
        var recall = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find("Recall-v0"), "", new(DataIsCostly: true, ParallelSimulator: false, Memory: true));
        Assert.Equal("akkarl train memory-a3c-lstm", recall.Command);
        Assert.Contains(recall.Reasons, reason => reason.Contains("its network has a memory", StringComparison.Ordinal));

        var cartPole = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find("cartpole"), "", new(DataIsCostly: false, ParallelSimulator: true, Memory: true));
        Assert.Equal("akkarl train cartpole --set network.recurrent=lstm", cartPole.Command);
    }

    [Fact]
    public void Where_no_replay_serves_the_experiment_of_another_algorithm_is_named()
    {
        var crane = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find("Crane-v0"), "", new(DataIsCostly: true, ParallelSimulator: false, Memory: false));
        Assert.Equal("akkarl train crane-ppo", crane.Command);
    }

    [Fact]
    public void Several_choices_at_once_and_masks_are_among_the_reasons()
    {
        var crane = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find("Crane-v0"), "", new(DataIsCostly: false, ParallelSimulator: false, Memory: false));
        Assert.Equal(("ppo", "crane-ppo"), (crane.Algorithm, crane.Experiment));
        Assert.Contains(crane.Reasons, reason => reason.Contains("several discrete choices at once", StringComparison.Ordinal));
        Assert.DoesNotContain(crane.Reasons, reason => reason.Contains("masks", StringComparison.Ordinal));

        var knight = RecommendCommand.Recommend(EnvCatalog.BuiltIn.Find("KnightsTour-v0"), "", new(DataIsCostly: true, ParallelSimulator: false, Memory: false));
        Assert.Equal(("dqn", "knights-tour-dqn"), (knight.Algorithm, knight.Experiment));
        Assert.Contains(knight.Reasons, reason => reason.Contains("It masks actions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_a_terminal_it_asks_what_no_option_said_until_it_is_answered()
    {
        using var akkarl = new Akkarl { Typed = "perhaps\nYES\n\n" };

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("recommend --env pendulum --parallel-simulator false", isTerminal: true));

        Assert.Equal(3, akkarl.Output.Split("[y/N]").Length - 1);
        Assert.DoesNotContain("at once?", akkarl.Output, StringComparison.Ordinal);
        Assert.Contains("akkarl train pendulum-sac", akkarl.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elsewhere_it_asks_nothing_and_as_JSON_it_says_all()
    {
        using var akkarl = new Akkarl { Typed = "y\ny\ny\n" };

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("recommend --env frozenlake --data-is-costly --json"));

        using var answer = JsonDocument.Parse(akkarl.Output);
        Assert.Equal(("FrozenLake-v1", "dqn"), (answer.RootElement.GetProperty("environment").GetString(), answer.RootElement.GetProperty("algorithm").GetString()));
        Assert.Equal(JsonValueKind.Null, answer.RootElement.GetProperty("experiment").ValueKind);
        Assert.Contains(answer.RootElement.GetProperty("reasons").EnumerateArray(), reason => reason.GetString()!.Contains("akkarl solve FrozenLake-v1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_env_of_the_users_own_is_named_with_its_assembly()
    {
        using var akkarl = new Akkarl();
        var assembly = typeof(GivenEnv).Assembly.Location;

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"recommend --env Given-v0 --env-assembly {assembly}"));

        Assert.Contains($"akkarl train --env Given-v0 --algorithm ppo --env-assembly {assembly}", akkarl.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recommend", "--env")]
    [InlineData("recommend --env CartPoll-v1", "Did you mean CartPole-v1?")]
    [InlineData("recommend --env cartpole --memory perhaps", "perhaps")]
    [InlineData("recommend --env Blindfold-v0 --env-assembly ENVS", "No algorithm here can serve Blindfold-v0")]
    [InlineData("recommend --env Unborn-v0 --env-assembly ENVS", "The env Unborn-v0 cannot be made")]
    public async Task Bad_input_is_refused(string arguments, string because)
    {
        using var akkarl = new Akkarl();

        var exitCode = await akkarl.RunAsync(arguments.Replace("ENVS", typeof(GivenEnv).Assembly.Location, StringComparison.Ordinal));

        Assert.Contains(because, akkarl.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.BadInput, ""), (exitCode, akkarl.Output));
    }
}
