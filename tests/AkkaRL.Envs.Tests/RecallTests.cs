using AkkaRL.Envs.Probes;

namespace AkkaRL.Envs.Tests;

/// <summary>Recall-v0 asks for a memory, and for nothing else.</summary>
public class RecallTests
{
    private static readonly string[] Observations = ["100", "010", "000", "001"];

    [Fact]
    public void No_policy_without_memory_is_right_in_more_or_less_than_half_of_the_episodes()
    {
        var episodes = OneOfEachCueAndDelay();
        // Every deterministic one; one that draws its actions is a mixture of them, so it is right in half as well.
        for (var table = 0; table < 1 << Observations.Length; table++)
        {
            var rewards = episodes.Select(seed => Play(seed, seen => (table >> Array.IndexOf(Observations, seen[^1])) & 1)).ToArray();
            Assert.Equal(0.5, rewards.Average());
        }
    }

    [Fact]
    public void A_policy_that_remembers_the_first_observation_is_always_right() =>
        Assert.All(OneOfEachCueAndDelay(), seed => Assert.Equal(1, Play(seed, seen => seen[0] == "010" ? 1 : 0)));

    [Fact]
    public void Either_cue_comes_with_every_delay_alike()
    {
        var counts = Enumerable.Range(0, 12_000).Select(seed => Look((ulong)seed)).CountBy(kind => kind).ToDictionary();
        Assert.Equal(2 * (Recall.LongestDelay - Recall.ShortestDelay + 1), counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1_150)); // 1,000 expected, deviation 30
    }

    [Fact]
    public void Only_the_answer_is_read_and_ends_the_episode()
    {
        var env = new Recall();
        var observation = new float[3];
        env.Reset(5, observation);
        var steps = 1;
        while (!env.Step([steps % 2], observation).EpisodeEnded)
            steps++;
        Assert.InRange(steps, Recall.ShortestDelay + 2, Recall.LongestDelay + 2);
    }

    /// <summary>Seeds of episodes, one for each cue and delay: they come alike, so that a mean over these is the expectation.</summary>
    private static ulong[] OneOfEachCueAndDelay() =>
        [.. Enumerable.Range(0, 1_000).GroupBy(seed => Look((ulong)seed)).Select(alike => (ulong)alike.First())];

    private static (string Cue, int Steps) Look(ulong seed)
    {
        var seen = new List<string>();
        Play(seed, all => { seen = all; return 0; });
        Assert.All(seen[1..^1], blank => Assert.Equal("000", blank));
        Assert.Equal("001", seen[^1]);
        return (seen[0], seen.Count);
    }

    private static double Play(ulong seed, Func<List<string>, int> policy)
    {
        var env = new Recall();
        var observation = new float[3];
        env.Reset(seed, observation);
        var seen = new List<string>();
        while (true)
        {
            seen.Add(string.Concat(observation));
            var result = env.Step([policy(seen)], observation);
            if (result.EpisodeEnded)
                return result.Reward;
        }
    }
}
