using AkkaRL.Envs.Tabular;
using AkkaRL.Envs.ToyText;

namespace AkkaRL.Envs.Tests;

public class TabularTests
{
    [Fact]
    public void A_table_whose_probabilities_do_not_sum_to_one_is_refused()
    {
        var thrown = Assert.Throws<ArgumentException>(() => new TabularMdp("Coin", 1, [1.0], (_, _) => [new Outcome(0.5, 0, 0, false)]));
        Assert.Contains("Coin's state 0, action 0", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(-1, 0.0)]
    [InlineData(0, double.NaN)]
    public void A_table_with_an_impossible_outcome_is_refused(int nextState, double reward) =>
        Assert.Throws<ArgumentException>(() => new TabularMdp("Coin", 1, [1.0], (_, _) => [new Outcome(1, nextState, reward, false)]));

    [Fact]
    public void Steps_follow_the_probabilities_of_the_table()
    {
        Outcome[] toss = [new(0.25, 0, 0, false), new(0.75, 1, 1, false)];
        var env = new TabularEnv(new TabularMdp("Coin", 1, [1.0, 0.0], (_, _) => toss));
        var observation = new float[1];
        env.Reset(5, observation);
        Assert.Equal(0.75, Enumerable.Range(0, 100_000).Average(_ => env.Step([0], observation).Reward), 0.005);
    }

    [Fact]
    public void Slippery_ice_goes_each_way_but_backwards()
    {
        var outcomes = FrozenLake.Mdp(FrozenLake.Map4x4).Outcomes(state: 14, action: 2).ToArray();
        Assert.Equal([(14, 0.0), (15, 1.0), (10, 0.0)], outcomes.Select(outcome => (outcome.NextState, outcome.Reward)));
    }

    [Fact]
    public void A_lake_that_is_not_slippery_obeys()
    {
        Assert.Equal([new Outcome(1, 15, 1, true)], FrozenLake.Mdp(FrozenLake.Map4x4, slippery: false).Outcomes(14, 2).ToArray());
    }

    [Fact]
    public void A_lake_may_be_the_users_own()
    {
        using var env = FrozenLake.Create(["SFG"], slippery: false);
        var observation = new float[1];
        env.Reset(1, observation);
        Assert.False(env.Step([2], observation).Terminated);
        Assert.Equal(new StepResult(1, Terminated: true, Truncated: false), env.Step([2], observation));
    }

    [Theory]
    [InlineData("SF", "F")]
    [InlineData("FF", "FG")]
    [InlineData("SX", "FG")]
    public void A_map_that_is_no_lake_is_refused(string first, string second) =>
        Assert.Throws<ArgumentException>(() => FrozenLake.Create([first, second]));

    [Fact]
    public void A_step_over_the_cliff_leads_back_to_the_start_at_a_cost() =>
        Assert.Equal([new Outcome(1, 36, -100, false)], CliffWalking.Mdp.Outcomes(36, 1).ToArray());

    [Fact]
    public void A_taxi_begins_in_one_of_300_states() =>
        Assert.Equal(300, Taxi.Mdp.InitialDistribution.Count(probability => probability > 0));
}
