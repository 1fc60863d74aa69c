using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;

namespace AkkaRL.Models.Tests.Networks;

public sealed class ActorCriticOutputsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(40)]
    public void The_policy_s_columns_of_a_categorical_are_all_but_the_value(int actions)
    {
        var columns = new ActorCriticOutputs(NetworkSpec.ActorCritic(3, actions, 0, [4], Activation.Tanh, sharedTrunk: true), new Categorical(actions));

        RequireOrder(columns, [.. Enumerable.Range(0, actions)], value: actions);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    public void Those_of_a_Gaussian_are_its_means_before_the_value_and_its_deviations_behind(int actions)
    {
        var columns = new ActorCriticOutputs(NetworkSpec.ActorCritic(3, actions, actions, [4], Activation.Tanh, sharedTrunk: false), new DiagonalGaussian(actions));

        RequireOrder(columns, [.. Enumerable.Range(0, actions), .. Enumerable.Range(actions + 1, actions)], value: actions);
    }

    /// <summary>Column i of a row holds i: gathered they come in this order, and scattered they go back, the value's column untouched.</summary>
    private static void RequireOrder(ActorCriticOutputs columns, int[] order, int value)
    {
        float[] row = [.. Enumerable.Range(0, order.Length + 1).Select(column => (float)column)];
        var (policy, scattered) = (new float[columns.PolicySize], new float[row.Length]);
        scattered[value] = -1;

        columns.GatherPolicy(row, policy);
        columns.ScatterPolicy(policy, scattered);

        Assert.Equal(order.Select(column => (float)column), policy);
        Assert.Equal(value, columns.Value((ReadOnlySpan<float>)row));
        row[value] = -1;
        Assert.Equal(row, scattered);
    }
}
