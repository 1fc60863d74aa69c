using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;

namespace AkkaRL.Models.Tests.Replay;

public class NStepTransitionsTests
{
    private const float Gamma = 0.9f;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Transitions_equal_the_sum_by_definition(int n)
    {
        var random = new RandomStream((ulong)n);
        for (var trial = 0; trial < 50; trial++)
        {
            var length = 1 + random.NextInteger(12);
            var terminated = random.NextInteger(2) == 0;
            var rewards = Enumerable.Range(0, length).Select(_ => (float)random.NextNormal()).ToArray();

            var transitions = Episode(n, rewards, terminated, truncated: !terminated);

            Assert.Equal(length, transitions.Count);
            for (var t = 0; t < length; t++)
            {
                var k = Math.Min(n, length - t);
                var expected = Enumerable.Range(0, k).Sum(i => Math.Pow(Gamma, i) * rewards[t + i]);
                Assert.Equal((t, t, t + k), ((int)transitions.Observations[t], (int)transitions.Actions[t], (int)transitions.NextObservations[t]));
                Assert.Equal(expected, transitions.Rewards[t], 1e-5);
                Assert.Equal(terminated && t + k == length ? 0 : Math.Pow(Gamma, k), transitions.Discounts[t], 1e-6);
            }
        }
    }

    [Fact]
    public void A_truncated_episode_bootstraps_from_its_true_final_observation()
    {
        var transitions = Episode(2, [1, 1, 1], terminated: false, truncated: true);
        Assert.Equal([2, 3, 3], transitions.NextObservations[..3]);
        Assert.Equal([Gamma * Gamma, Gamma * Gamma, Gamma], transitions.Discounts[..3]);
    }

    [Fact]
    public void A_step_that_is_terminated_and_truncated_does_not_bootstrap() =>
        Assert.Equal(0, Episode(1, [1], terminated: true, truncated: true).Discounts[0]);

    [Fact]
    public void An_episode_that_goes_on_keeps_its_latest_steps_open() =>
        Assert.Equal(3, Episode(3, [1, 1, 1, 1, 1], terminated: false, truncated: false).Count);

    private static TransitionBatch Episode(int n, float[] rewards, bool terminated, bool truncated)
    {
        var (steps, transitions) = (new NStepTransitions(n, Gamma, 1, 1), new TransitionBatch(32, 1, 1));
        for (var t = 0; t < rewards.Length; t++)
        {
            var last = t == rewards.Length - 1;
            steps.Add([t], [t], rewards[t], [t + 1], last && terminated, last && truncated, transitions);
        }
        return transitions;
    }
}
