using AkkaRL.Models.Tabular;

namespace AkkaRL.Models.Algorithms;

/// <summary>Policy iteration: evaluate a policy to the end, act greedily on its values, until the policy stays.</summary>
/// <remarks>
/// <para>Source: R. Sutton and R. Barto, "Reinforcement Learning" (2018), section 4.3:</para>
/// <code>
/// loop
///   policy evaluation: until Δ &lt; θ, for each s: V(s) ← Σ p(s′, r | s, π(s)) [r + γ V(s′)]
///   policy improvement: for each s: π(s) ← argmax_a Σ p(s′, r | s, a) [r + γ V(s′)]
/// until π is stable
/// </code>
/// <para>Differences from the book:</para>
/// <list type="number">
/// <item>An action is changed only for one that is better by more than rounding: policies of equal worth do not alternate for ever (the book's exercise 4.4).</item>
/// <item>An evaluation ends after a number of sweeps, for a policy that never ends its episodes has no value when γ = 1.</item>
/// </list>
/// </remarks>
public static class PolicyIteration
{
    /// <summary>Solves an MDP.</summary>
    /// <param name="model">The MDP.</param>
    /// <param name="gamma">γ, 0 to 1.</param>
    /// <param name="tolerance">θ, above 0.</param>
    /// <param name="maximumSweeps">Sweeps of one evaluation at most.</param>
    public static TabularSolution Solve(TabularModel model, double gamma, double tolerance = 1e-12, int maximumSweeps = 10_000)
    {
        var (values, policy) = (new double[model.States], new int[model.States]);
        var improvements = 0;
        do
            Evaluate(model, policy, gamma, tolerance, maximumSweeps, values);
        while (Improve(model, gamma, values, policy) && ++improvements < model.States * model.Actions * 10);
        return new TabularSolution(values, policy, improvements + 1, model.BellmanResidual(gamma, values));
    }

    /// <summary>V of a policy, from the values given.</summary>
    public static void Evaluate(TabularModel model, ReadOnlySpan<int> policy, double gamma, double tolerance, int maximumSweeps, Span<double> values)
    {
        var change = double.PositiveInfinity;
        for (var sweep = 0; change >= tolerance && sweep < maximumSweeps; sweep++)
        {
            change = 0;
            for (var state = 0; state < model.States; state++)
            {
                var value = model.Backup(state, policy[state], gamma, values);
                change = Math.Max(change, Math.Abs(value - values[state]));
                values[state] = value;
            }
        }
    }

    private static bool Improve(TabularModel model, double gamma, ReadOnlySpan<double> values, Span<int> policy)
    {
        var changed = false;
        for (var state = 0; state < model.States; state++)
        {
            var (action, value) = model.Best(state, gamma, values);
            if (value <= model.Backup(state, policy[state], gamma, values) + 1e-9)
                continue;
            policy[state] = action;
            changed = true;
        }
        return changed;
    }
}
