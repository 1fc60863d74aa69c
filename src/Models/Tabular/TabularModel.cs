namespace AkkaRL.Models.Tabular;

/// <summary>One thing that may follow a state and an action.</summary>
/// <param name="Probability">p.</param>
/// <param name="NextState">s′.</param>
/// <param name="Reward">r.</param>
/// <param name="Terminated">Whether the MDP ends there: V(s′) counts nothing.</param>
public readonly record struct Transition(double Probability, int NextState, double Reward, bool Terminated);

/// <summary>The outcomes of a state and an action.</summary>
public delegate ReadOnlySpan<Transition> TransitionsOf(int state, int action);

/// <summary>A finite MDP as dynamic programming reads it: p(s′, r | s, a).</summary>
/// <param name="States">How many states.</param>
/// <param name="Actions">How many actions each has.</param>
/// <param name="Outcomes">What may follow.</param>
public sealed record TabularModel(int States, int Actions, TransitionsOf Outcomes)
{
    /// <summary>Q(s, a) = Σ p (r + γ V(s′)), without V(s′) where the MDP terminated.</summary>
    /// <remarks>Source: R. Sutton and R. Barto, "Reinforcement Learning" (2018), eq. 4.9's bracket.</remarks>
    public double Backup(int state, int action, double gamma, ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var (probability, next, reward, terminated) in Outcomes(state, action))
            sum += probability * (reward + (terminated ? 0 : gamma * values[next]));
        return sum;
    }

    /// <summary>The best action of a state and its Q; of equals, up to rounding, the first.</summary>
    public (int Action, double Value) Best(int state, double gamma, ReadOnlySpan<double> values)
    {
        var best = (Action: 0, Value: Backup(state, 0, gamma, values));
        for (var action = 1; action < Actions; action++)
            if (Backup(state, action, gamma, values) is var value && value > best.Value + 1e-12 * (1 + Math.Abs(best.Value)))
                best = (action, value);
        return best;
    }

    /// <summary>max_s |max_a Q(s, a) − V(s)|: zero for optimal values alone.</summary>
    public double BellmanResidual(double gamma, ReadOnlySpan<double> values)
    {
        var residual = 0.0;
        for (var state = 0; state < States; state++)
            residual = Math.Max(residual, Math.Abs(Best(state, gamma, values).Value - values[state]));
        return residual;
    }

    /// <summary>What a policy earns on average, undiscounted, from each state [S], when its episode is cut off after so many steps:
    /// V_0 = 0, V_k(s) = Σ p(s′, r | s, π(s)) [r + V_{k−1}(s′)].</summary>
    /// <param name="policy">π [S].</param>
    /// <param name="steps">k, 0 or more.</param>
    /// <remarks>Source: R. Sutton and R. Barto, "Reinforcement Learning" (2018), eq. 4.5 with γ = 1, as often as there are steps.</remarks>
    public double[] ReturnsWithin(ReadOnlySpan<int> policy, int steps)
    {
        double[] values = new double[States], later = new double[States];
        for (var step = 0; step < steps; step++)
        {
            (values, later) = (later, values);
            for (var state = 0; state < States; state++)
                values[state] = Backup(state, policy[state], 1, later);
        }
        return values;
    }
}

/// <summary>What a solver found.</summary>
/// <param name="Values">V [S].</param>
/// <param name="Policy">π [S].</param>
/// <param name="Iterations">Sweeps, improvements or episodes, by the solver.</param>
/// <param name="Residual">The Bellman residual of <paramref name="Values"/>.</param>
public sealed record TabularSolution(double[] Values, int[] Policy, int Iterations, double Residual);
