using System.Collections.Immutable;

namespace AkkaRL.Envs.Tabular;

/// <summary>A finite Markov decision process written out: p(s', r | s, a) for every state and action, and where episodes begin.
/// Immutable.</summary>
/// <remarks>Dynamic programming reads it; <see cref="TabularEnv"/> runs episodes on it.</remarks>
public sealed class TabularMdp
{
    private const double Tolerance = 1e-9;

    private readonly double[] initialCumulative; // [states]
    private readonly Outcome[] outcomes; // every state's and action's, one after the other
    private readonly double[] cumulative; // [outcomes]: running sums of the probabilities within a state and action
    private readonly int[] starts; // [states × actions + 1]: where each state and action begins in outcomes

    /// <summary>Writes an MDP out.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="actions">How many actions every state has.</param>
    /// <param name="initialDistribution">The probability that an episode begins in a state; one number a state, summing to one.</param>
    /// <param name="outcomesOf">The outcomes of a state and an action; at least one, probabilities summing to one.</param>
    /// <exception cref="ArgumentException">A distribution does not sum to one, or an outcome's next state or reward is
    /// impossible.</exception>
    public TabularMdp(
        string name, int actions, ImmutableArray<double> initialDistribution, Func<int, int, IReadOnlyList<Outcome>> outcomesOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 1);
        (Name, Actions, InitialDistribution) = (name, actions, initialDistribution);
        initialCumulative = [.. RunningSums(initialDistribution, $"{name}'s initial distribution")];
        var all = new List<Outcome>();
        var sums = new List<double>();
        starts = new int[States * Actions + 1];
        for (var i = 0; i < States * Actions; i++)
        {
            var (state, action) = Math.DivRem(i, Actions);
            var these = outcomesOf(state, action);
            var where = $"{name}'s state {state}, action {action}";
            foreach (var outcome in these)
                if (outcome.NextState < 0 || outcome.NextState >= States || !double.IsFinite(outcome.Reward))
                    throw new ArgumentException(
                        $"{where}: {outcome} is impossible; next states go from 0 to {States - 1} and rewards are finite.");
            all.AddRange(these);
            sums.AddRange(RunningSums(these.Select(o => o.Probability), where));
            starts[i + 1] = all.Count;
        }
        (outcomes, cumulative) = ([.. all], [.. sums]);
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>How many states there are; they are numbered from 0.</summary>
    public int States => InitialDistribution.Length;

    /// <summary>How many actions every state has; they are numbered from 0.</summary>
    public int Actions { get; }

    /// <summary>The probability that an episode begins in each state.</summary>
    public ImmutableArray<double> InitialDistribution { get; }

    /// <summary>What may follow <paramref name="action"/> in <paramref name="state"/>.</summary>
    public ReadOnlySpan<Outcome> Outcomes(int state, int action)
    {
        var i = state * Actions + action;
        return outcomes.AsSpan(starts[i]..starts[i + 1]);
    }

    /// <summary>Draws the state an episode begins in.</summary>
    internal int SampleInitial(Pcg64 random) => Sample(initialCumulative, random);

    /// <summary>Draws what follows <paramref name="action"/> in <paramref name="state"/>.</summary>
    internal ref readonly Outcome Sample(int state, int action, Pcg64 random)
    {
        var i = state * Actions + action;
        var start = starts[i];
        return ref outcomes[start + Sample(cumulative.AsSpan(start..starts[i + 1]), random)];
    }

    // Gymnasium's categorical_sample: argmax(cumulative > u), which is 0 when rounding left the last sum at or below u.
    private static int Sample(ReadOnlySpan<double> cumulative, Pcg64 random)
    {
        var uniform = random.NextDouble();
        for (var i = 0; i < cumulative.Length; i++)
            if (cumulative[i] > uniform)
                return i;
        return 0;
    }

    private static List<double> RunningSums(IEnumerable<double> probabilities, string where)
    {
        var sum = 0.0;
        var sums = new List<double>();
        foreach (var probability in probabilities)
        {
            if (!(probability >= 0))
                throw new ArgumentException($"{where}: a probability must be at least 0, not {probability}.");
            sums.Add(sum += probability);
        }
        return Math.Abs(sum - 1) <= Tolerance
            ? sums
            : throw new ArgumentException($"{where}: the probabilities must sum to 1, not to {sum}.");
    }
}
