using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Tests.Training;

public class PolicyEvaluationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(32)]
    [InlineData(77)]
    public void Every_episode_is_played_once_with_a_seed_of_its_own(int episodes)
    {
        var seeds = new List<ulong?>();
        using var evaluation = new PolicyEvaluation(Plan(seeds, []), episodes);
        Assert.Equal(episodes, evaluation.Play(Parameters(Plan([], [])), episodes, new RandomStream(3)).Episodes);
        var expected = new RandomStream(3);
        Assert.Equal(Enumerable.Range(0, episodes).Select(_ => (ulong?)expected.NextBits()), seeds);
    }

    [Fact]
    public void The_result_does_not_depend_on_how_many_envs_are_played_at_once()
    {
        var plan = Plan([], []);
        var parameters = Parameters(plan);
        var results = new[] { 1, 2, 7, 32 }.Select(slots =>
        {
            using var evaluation = new PolicyEvaluation(plan, slots);
            return evaluation.Play(parameters, 50, new RandomStream(3));
        }).ToArray();
        Assert.True(results[0].Minimum < results[0].Mean && results[0].Mean < results[0].Maximum);
        foreach (var result in results)
        {
            Assert.Equal(results[0].Mean, result.Mean); // sums of whole numbers: exact in any order
            Assert.Equal(results[0].StandardDeviation, result.StandardDeviation, precision: 9);
            Assert.Equal((results[0].Minimum, results[0].Maximum), (result.Minimum, result.Maximum));
        }
    }

    [Fact]
    public void An_evaluation_can_be_repeated()
    {
        var plan = Plan([], []);
        var parameters = Parameters(plan);
        using var evaluation = new PolicyEvaluation(plan, 8);
        var first = evaluation.Play(parameters, 20, new RandomStream(3));
        Assert.NotEqual(first, evaluation.Play(parameters, 20, new RandomStream(4)));
        Assert.Equal(first, evaluation.Play(parameters, 20, new RandomStream(3)));
    }

    [Fact]
    public void The_result_is_that_of_the_raw_rewards()
    {
        using var envs = new FaultyEnvs();
        var settings = TinyRun.Settings with { A3C = new() { RewardScale = 0.01 } };
        var plan = new RunPlan(settings, envs.Spec);
        using var evaluation = new PolicyEvaluation(plan, 3);
        Assert.Equal(new EvaluationResult(3, 7, 0, 7, 7), evaluation.Play(plan.InitialParameters(), 3, new RandomStream(1)));
    }

    [Fact]
    public void An_episode_that_does_not_end_is_cut_off_and_counted_as_it_stands()
    {
        using var envs = new FaultyEnvs { EpisodeSteps = int.MaxValue };
        var plan = new RunPlan(TinyRun.Settings with { Evaluation = new() { MaximumEpisodeSteps = 9 } }, envs.Spec);
        using var evaluation = new PolicyEvaluation(plan, 2);
        Assert.Equal(new EvaluationResult(5, 9, 0, 9, 9), evaluation.Play(plan.InitialParameters(), 5, new RandomStream(1)));
    }

    private static RunPlan Plan(List<ulong?> seeds, List<(float, float)> steps) => new(TinyRun.Settings, TargetEnv.Spec(seeds, steps));

    /// <summary>Large enough that the greedy action depends on the observation.</summary>
    private static float[] Parameters(RunPlan plan)
    {
        var (parameters, random) = (plan.InitialParameters(), new RandomStream(9));
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] = (float)random.NextNormal();
        return parameters;
    }
}
