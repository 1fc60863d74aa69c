using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Tests.Settings;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("gamma", "gamma", 0)]
    [InlineData("gama", "gamma", 1)]
    [InlineData("gmama", "gamma", 1)]
    [InlineData("gamme", "gamma", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("Gamma", "gamma", 0)]
    public void The_distance_counts_single_edits_and_swaps(string a, string b, int edits) => Assert.Equal(edits, NearestName.Distance(a, b));

    [Fact]
    public void The_nearest_name_is_found_whatever_its_capitals() => Assert.Equal("CartPole-v1", NearestName.Of("cartpol-v1", ["Acrobot-v1", "CartPole-v1"]));

    [Fact]
    public void An_env_is_found_whatever_its_version() => Assert.Equal("CartPole-v1", NearestName.Of("cartpoel", ["Acrobot-v1", "CartPole-v1"]));

    [Theory]
    [InlineData("akkarl.ppo.lambda", "akkarl.ppo.gae-lambda")]
    [InlineData("akkarl.ppo.gama", "akkarl.ppo.gamma")]
    [InlineData("cartpole", "CartPole-v1")]
    public void A_part_of_a_name_says_what_was_meant(string name, string meant) =>
        Assert.Equal(meant, NearestName.Of(name, ["akkarl.a3c.gae-lambda", "akkarl.ppo.gamma", "akkarl.ppo.gae-lambda", "Acrobot-v1", "CartPole-v1"]));

    [Fact]
    public void Nothing_is_suggested_when_nothing_is_near() => Assert.Null(NearestName.Of("warehouse", ["Acrobot-v1", "CartPole-v1"]));
}
