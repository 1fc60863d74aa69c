using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Replay;

/// <summary>DQN's switches go together: whole runs with none on, each alone, all but each, and all, which is Rainbow. So each two of them meet in every combination.</summary>
public class RainbowTests
{
    private static readonly string[] Switches = ["double", "dueling", "n-step", "prioritized", "categorical", "noisy"];

    public static TheoryData<string> Combinations => [.. Subsets().Select(subset => string.Join(' ', subset)).Distinct()];

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task Every_combination_trains_with_finite_losses_and_exactly_alike_for_a_seed(string on)
    {
        var settings = Settings(on.Split(' '));
        var rows = new List<ProgressReported>();
        using var envs = new FaultyEnvs();

        var first = await TinyRun.StartAsync(settings, envs.Spec, happened =>
        {
            if (happened is ProgressReported row)
                rows.Add(row);
        });
        var second = await TinyRun.StartAsync(settings, envs.Spec);

        using var last = first.Last;
        Assert.Equal((StopReasons.Completed, 145, 0), (first.Summary.StopReason, first.Summary.Updates, first.Summary.Faults.Total));
        Assert.All(rows.Where(row => row.GlobalStep > 60), row => Assert.True(double.IsFinite(row.ValueLoss) && row.ValueLoss >= 0 && row.GradientNorm > 0, row.ToString()));
        Assert.Contains(rows, row => row.ValueLoss > 0);
        Assert.All(last.Parameters.ToArray(), parameter => Assert.True(float.IsFinite(parameter)));
        Assert.Equal(first.Summary.ParametersSha256, second.Summary.ParametersSha256);
    }

    [Fact]
    public async Task Every_switch_changes_what_is_learnt()
    {
        using var envs = new FaultyEnvs();
        var outcomes = new List<string>();
        foreach (var subset in Subsets().Take(1 + Switches.Length))
            outcomes.Add((await TinyRun.StartAsync(Settings(subset), envs.Spec)).Summary.ParametersSha256);
        Assert.Equal(outcomes.Count, outcomes.Distinct().Count());
    }

    [Fact]
    public async Task A_noisy_policy_is_kept_and_evaluated_without_its_noise()
    {
        using var envs = new FaultyEnvs();
        var settings = Settings(Switches) with { Evaluation = new EvaluationSettings { IntervalSteps = 50, Episodes = 2, FinalEpisodes = 3 } };

        var result = await TinyRun.StartAsync(settings, envs.Spec);

        using var last = result.Last;
        Assert.Equal(new ParameterLayout(DQN.Network(2, 2, dueling: true, settings.Network, settings.DQN.Atoms)).Count, last.Parameters.Length);
        Assert.Equal(3, result.Summary.Evaluation!.Episodes);
        Span<float> first = stackalloc float[1], again = stackalloc float[1];
        last.Act([0.1f, -0.2f], first);
        for (var i = 0; i < 20; i++)
        {
            last.Act([0.1f, -0.2f], again);
            Assert.Equal(first[0], again[0]);
        }
    }

    public static TheoryData<string> Misfits => [.. Bad.Keys];

    private static readonly Dictionary<string, RunSettings> Bad = new()
    {
        ["akkarl.dqn.value-minimum is 10, not below akkarl.dqn.value-maximum, 10; the atoms lie between them: lower the first or raise the second."] =
            Dqn(new DQNSettings { Atoms = 51, ValueMinimum = 10, ValueMaximum = 10 }),
        ["akkarl.dqn.value-maximum is NaN; it must be between -1000000000 and 1000000000"] = Dqn(new DQNSettings { ValueMaximum = double.NaN }),
        ["akkarl.dqn.atoms is -1; it must be between 0 and 1001 (the default is 0)."] = Dqn(new DQNSettings { Atoms = -1 }),
        ["akkarl.dqn.atoms is 1002; it must be between 0 and 1001"] = Dqn(new DQNSettings { Atoms = 1002 }),
        ["akkarl.dqn.noise-sigma is 0; it must be above 0 and at most 10"] = Dqn(new DQNSettings { Noisy = true, NoiseSigma = 0 }),
        ["akkarl.dqn.noisy is on, but akkarl.algorithm is ddpg, which has no noisy network; set akkarl.algorithm = dqn, or akkarl.dqn.noisy = off."] =
            Dqn(new DQNSettings { Noisy = true }) with { Algorithm = "ddpg" },
        ["akkarl.dqn.atoms is 51, but akkarl.algorithm is a3c, which learns no distribution of the return; set akkarl.algorithm = dqn, or akkarl.dqn.atoms = 0."] =
            Dqn(new DQNSettings { Atoms = 51 }) with { Algorithm = "a3c" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task Settings_that_do_not_fit_are_named_with_a_remedy_before_anything_starts(string message)
    {
        var error = await Assert.ThrowsAsync<InvalidSettingsException>(() => TinyRun.StartAsync(Bad[message], TinyRun.CartPole, _ => Assert.Fail("started")));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    /// <summary>None, each alone, all but each, all.</summary>
    private static IEnumerable<string[]> Subsets() =>
        [[], .. Switches.Select(one => new[] { one }), .. Switches.Select(one => Switches.Except([one]).ToArray()), Switches];

    private static RunSettings Dqn(DQNSettings settings) => TinyRun.Settings with { Algorithm = "dqn", DQN = settings };

    private static RunSettings Settings(string[] on) => Dqn(new DQNSettings
    {
        BatchSize = 8, ReplayCapacity = 64, LearningStarts = 40, TrainInterval = 6, UpdatesPerInterval = 5, TargetInterval = 7,
        DoubleQ = on.Contains("double"),
        Dueling = on.Contains("dueling"),
        NStep = on.Contains("n-step") ? 3 : 1,
        Prioritized = on.Contains("prioritized"),
        Atoms = on.Contains("categorical") ? 11 : 0,
        ValueMinimum = 0,
        ValueMaximum = 20,
        Noisy = on.Contains("noisy"),
    }) with
    {
        Workers = 2,
        TotalSteps = 215,
        Metrics = new MetricsSettings { IntervalSteps = 20 },
    };
}
