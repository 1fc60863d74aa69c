using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Tabular;

namespace AkkaRL.Models.Tests.Algorithms;

public class TabularTests
{
    /// <summary>A corridor 0 … 4 that ends at 4 with reward 1; each step costs 0.1. Left is 0, right is 1, and one move in five goes astray.</summary>
    private static readonly Transition[][] Corridor =
        [.. Enumerable.Range(0, 10).Select(i => new[] { Move(i / 2, i % 2, 0.8), Move(i / 2, 1 - i % 2, 0.2) })];

    private static readonly TabularModel Model = new(5, 2, (state, action) => Corridor[2 * state + action]);

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.9)]
    [InlineData(0.0)]
    public void Both_solvers_find_the_best_of_all_policies(double gamma)
    {
        // All 16 policies of the four states that matter, each evaluated by many sweeps.
        var best = Enumerable.Range(0, 16).Select(bits =>
        {
            var values = new double[5];
            PolicyIteration.Evaluate(Model, [bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1, 0], gamma, 1e-13, 20_000, values);
            return values[0];
        }).Max();
        foreach (var solution in new[] { ValueIteration.Solve(Model, gamma, 1e-13), PolicyIteration.Solve(Model, gamma) })
        {
            Assert.Equal(best, solution.Values[0], 1e-8);
            Assert.InRange(solution.Residual, 0, 1e-8);
        }
    }

    [Fact]
    public void Q_learning_comes_to_the_same_policy_and_near_the_same_values()
    {
        var exact = ValueIteration.Solve(Model, 0.9);
        var learnt = TabularQLearning.Solve(Model, 0.9, _ => 0, 200_000, new RandomStream(1));
        Assert.Equal(exact.Policy[..4], learnt.Policy[..4]);
        for (var state = 0; state < 4; state++)
            Assert.Equal(exact.Values[state], learnt.Values[state], 0.05);
    }

    private static Transition Move(int state, int direction, double probability)
    {
        var next = Math.Clamp(state + 2 * direction - 1, 0, 4);
        return state == 4 ? new Transition(probability, 4, 0, true) : new Transition(probability, next, next == 4 ? 1 : -0.1, next == 4);
    }
}
