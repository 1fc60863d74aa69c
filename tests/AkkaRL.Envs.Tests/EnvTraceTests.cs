using System.Text;
using AkkaRL.Envs.Traces;

namespace AkkaRL.Envs.Tests;

/// <summary>Reading trace files, and the verdict on envs that depart from them.</summary>
public class EnvTraceTests
{
    private const string OneStep = """
        { "environment": "Stub-v0", "episodes": [ { "seed": 7, "initialObservation": [1], "steps": [
          { "action": 1, "observation": 2, "reward": -0.5, "terminated": true, "truncated": false } ] } ] }
        """;

    [Fact]
    public void A_number_and_a_list_of_one_number_are_the_same()
    {
        var episode = Assert.Single(Read(OneStep).Episodes);
        Assert.Equal((7UL, 1f), (episode.Seed, episode.InitialObservation[0]));
        Assert.Equal((1f, 2f, -0.5), (episode.Steps[0].Action[0], episode.Steps[0].Observation[0], episode.Steps[0].Reward));
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{ \"environment\": \"X\" }", "no \"episodes\"")]
    [InlineData("{ \"environment\": \"X\", \"episodes\": [] }", "no episodes")]
    [InlineData("{ \"environment\": \"X\", \"episodes\": [ 3 ] }", "episode 0 is not a JSON object")]
    [InlineData("{ \"environment\": \"X\", \"episodes\": [ { \"seed\": -1 } ] }", "episode 0's seed is not")]
    [InlineData("{ \"environment\": \"X\", \"episodes\": [ { \"seed\": 1, \"initialObservation\": \"a\" } ] }", "neither a number nor a list")]
    [InlineData("{ \"environment\": \"X\", \"episodes\": [ { \"seed\": 1, \"initialObservation\": 1, \"steps\": [ {} ] } ] }", "episode 0, step 0 has no \"action\"")]
    public void A_file_that_is_no_trace_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_episode_that_goes_on_after_its_end_is_refused()
    {
        const string step = """{ "action": 1, "observation": 2, "reward": -0.5, "terminated": true, "truncated": false }""";
        var twice = OneStep.Replace(step, $"{step}, {step}", StringComparison.Ordinal);
        Assert.Contains("goes on after", Assert.Throws<FormatException>(() => Read(twice)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_env_that_repeats_the_trace_has_no_mismatch()
    {
        var verdict = Replay(new StubEnv([[1], [2]], [-0.5], terminatesAfter: 1));
        Assert.Equal(new TraceVerdict("Stub-v0", 1, 1, 0, 0, 0, null), verdict);
    }

    [Fact]
    public void A_verdict_tells_the_largest_deviations_and_the_first_mismatch()
    {
        var verdict = Replay(new StubEnv([[1], [2.5f]], [-0.25], terminatesAfter: 1));
        Assert.Equal((0.5, 0.25), (verdict.LargestObservationDeviation, verdict.LargestRewardDeviation));
        Assert.Equal("episode 0 (seed 7), step 0: observation[0] is 2.5, recorded 2", verdict.FirstMismatch);
        Assert.True(verdict.AgreesWithin(0.5));
        Assert.False(verdict.AgreesWithin(0.1));
    }

    [Fact]
    public void A_flag_that_differs_is_a_mismatch_at_any_tolerance()
    {
        var verdict = Replay(new StubEnv([[1], [2]], [-0.5]));
        Assert.Equal(1, verdict.FlagMismatches);
        Assert.False(verdict.AgreesWithin(double.PositiveInfinity));
    }

    [Fact]
    public void A_trace_of_an_env_with_other_observations_or_actions_is_refused()
    {
        Assert.Throws<FormatException>(() => Replay(new StubEnv([[1, 2]])));
        var toofar = Read(OneStep.Replace("\"action\": 1", "\"action\": 2", StringComparison.Ordinal));
        Assert.Throws<FormatException>(() => TraceReplay.Run(toofar, new EnvSpec("Stub-v0", "", () => new StubEnv([[1]]))));
    }

    private static EnvTrace Read(string json) => EnvTrace.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)));

    private static TraceVerdict Replay(IEnv env) =>
        TraceReplay.Run(Read(OneStep), EnvCatalog.BuiltIn.With(new EnvSpec("Stub-v0", "", () => env)));
}
