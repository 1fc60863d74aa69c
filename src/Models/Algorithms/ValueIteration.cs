using AkkaRL.Models.Tabular;

namespace AkkaRL.Models.Algorithms;

/// <summary>Value iteration: replace every state's value by its best action's until nothing changes.</summary>
/// <remarks>
/// <para>Source: R. Sutton and R. Barto, "Reinforcement Learning" (2018), section 4.4:</para>
/// <code>
/// loop
///   Δ ← 0
///   for each s: v ← V(s); V(s) ← max_a Σ p(s′, r | s, a) [r + γ V(s′)]; Δ ← max(Δ, |v − V(s)|)
/// until Δ &lt; θ
/// π(s) = argmax_a Σ p(s′, r | s, a) [r + γ V(s′)]
/// </code>
/// <para>Differences: none; values change in place, in the states' order.</para>
/// </remarks>
public static class ValueIteration
{
    /// <summary>Solves an MDP.</summary>
    /// <param name="model">The MDP.</param>
    /// <param name="gamma">γ, 0 to 1; with 1 every policy worth having must end its episodes.</param>
    /// <param name="tolerance">θ, above 0.</param>
    /// <param name="maximumSweeps">Where to give up.</param>
    public static TabularSolution Solve(TabularModel model, double gamma, double tolerance = 1e-10, int maximumSweeps = 1_000_000)
    {
        var values = new double[model.States];
        var sweeps = 0;
        for (var change = double.PositiveInfinity; change >= tolerance && sweeps < maximumSweeps; sweeps++)
        {
            change = 0;
            for (var state = 0; state < model.States; state++)
            {
                var value = model.Best(state, gamma, values).Value;
                change = Math.Max(change, Math.Abs(value - values[state]));
                values[state] = value;
            }
        }
        int[] policy = [.. Enumerable.Range(0, model.States).Select(state => model.Best(state, gamma, values).Action)];
        return new TabularSolution(values, policy, sweeps, model.BellmanResidual(gamma, values));
    }
}
