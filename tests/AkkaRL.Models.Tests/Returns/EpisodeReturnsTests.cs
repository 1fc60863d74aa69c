using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Tests.Returns;

public sealed class EpisodeReturnsTests
{
    private static readonly float[] Rewards = [1, 2, -3, 4];

    [Fact]
    public void The_whole_return_credits_every_action_alike()
    {
        var credits = new float[4];
        EpisodeReturns.Whole(Rewards, 0.5f, credits);

        Assert.Equal(Enumerable.Repeat(1 + 0.5f * 2 + 0.25f * -3 + 0.125f * 4, 4), credits);
    }

    [Fact]
    public void The_reward_to_go_leaves_out_what_came_before()
    {
        var credits = new float[4];
        EpisodeReturns.ToGo(Rewards, 0.5f, credits);

        for (var t = 0; t < 4; t++)
            Assert.Equal(Enumerable.Range(t, 4 - t).Sum(k => Math.Pow(0.5, k - t) * Rewards[k]), credits[t], 5);
    }
}
