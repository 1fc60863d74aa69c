using AkkaRL.Models.Randomness;
using AkkaRL.Models.Tabular;

namespace AkkaRL.Models.Algorithms;

/// <summary>Tabular Q-learning: learn Q(s, a) from episodes, without reading the probabilities, and act greedily on it in the end.</summary>
/// <remarks>
/// <para>Source: C. Watkins and P. Dayan, "Q-learning" (1992); R. Sutton and R. Barto, "Reinforcement Learning" (2018), section 6.5:</para>
/// <code>
/// for each episode, from a first state s, until it ends
///   choose a from s, ε-greedily on Q; observe r, s′
///   Q(s, a) ← Q(s, a) + α [r + γ max_a′ Q(s′, a′) − Q(s, a)]
///   s ← s′
/// </code>
/// <para>Differences: α falls with the visits of (s, a) as n^−0.6, which the theorem of 1992 asks for; an episode is cut off after a number of steps, and bootstraps there.</para>
/// </remarks>
public static class TabularQLearning
{
    /// <summary>Learns from an MDP that is only sampled.</summary>
    /// <param name="model">The MDP.</param>
    /// <param name="gamma">γ, 0 to 1.</param>
    /// <param name="initialState">Draws the state that an episode begins in.</param>
    /// <param name="steps">Steps over all episodes.</param>
    /// <param name="random">All random numbers.</param>
    /// <param name="epsilon">ε, 0 to 1.</param>
    /// <param name="maximumEpisodeSteps">Where an episode is cut off.</param>
    public static TabularSolution Solve(
        TabularModel model, double gamma, Func<RandomStream, int> initialState, long steps, RandomStream random, double epsilon = 0.3, int maximumEpisodeSteps = 200)
    {
        var (table, visits) = (new double[model.States * model.Actions], new long[model.States * model.Actions]);
        var (episodes, length, state) = (0, 0, initialState(random));
        for (var step = 0L; step < steps; step++)
        {
            var action = random.NextDouble() < epsilon ? random.NextInteger(model.Actions) : Greedy(table, state, model.Actions);
            var (_, next, reward, terminated) = Draw(model.Outcomes(state, action), random);
            var index = state * model.Actions + action;
            var target = reward + (terminated ? 0 : gamma * table[next * model.Actions + Greedy(table, next, model.Actions)]);
            table[index] += Math.Pow(++visits[index], -0.6) * (target - table[index]);
            state = next;
            if (!terminated && ++length < maximumEpisodeSteps)
                continue;
            (length, state) = (0, initialState(random));
            episodes++;
        }
        int[] policy = [.. Enumerable.Range(0, model.States).Select(s => Greedy(table, s, model.Actions))];
        double[] values = [.. policy.Select((action, s) => table[s * model.Actions + action])];
        return new TabularSolution(values, policy, episodes, model.BellmanResidual(gamma, values));
    }

    private static int Greedy(double[] table, int state, int actions)
    {
        var row = table.AsSpan(state * actions, actions);
        var best = 0;
        for (var action = 1; action < actions; action++)
            if (row[action] > row[best])
                best = action;
        return best;
    }

    private static Transition Draw(ReadOnlySpan<Transition> outcomes, RandomStream random)
    {
        var rest = random.NextDouble();
        foreach (var outcome in outcomes)
            if ((rest -= outcome.Probability) < 0)
                return outcome;
        return outcomes[^1];
    }
}
