using System.Runtime.InteropServices;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.State;

/// <summary>What several objects remember, shown to an <see cref="IStateVisitor"/>.</summary>
public static class StateVisits
{
    /// <summary>A number.</summary>
    public static void Visit(this IStateVisitor state, string name, ref int number)
    {
        long wide = number;
        state.Visit(name, ref wide);
        number = (int)wide;
    }

    /// <summary>A vector of doubles, as twice as many floats: bits are copied, not converted.</summary>
    public static void Visit(this IStateVisitor state, string name, Span<double> vector) =>
        state.Visit(name, MemoryMarshal.Cast<double, float>(vector));

    /// <summary>A vector of whole numbers: bits are copied, not converted.</summary>
    public static void Visit(this IStateVisitor state, string name, Span<int> vector) =>
        state.Visit(name, MemoryMarshal.Cast<int, float>(vector));

    /// <summary>A vector of flags.</summary>
    public static void Visit(this IStateVisitor state, string name, Span<bool> flags)
    {
        var numbers = new float[flags.Length];
        for (var i = 0; i < flags.Length; i++)
            numbers[i] = flags[i] ? 1 : 0;
        state.Visit(name, numbers);
        for (var i = 0; i < flags.Length; i++)
            flags[i] = numbers[i] != 0;
    }

    /// <summary>The four words of a random generator.</summary>
    public static void Visit(this IStateVisitor state, string name, RandomStream random)
    {
        var (s0, s1, s2, s3) = random.State;
        var (a, b, c, d) = ((long)s0, (long)s1, (long)s2, (long)s3);
        state.Visit($"{name}.0", ref a);
        state.Visit($"{name}.1", ref b);
        state.Visit($"{name}.2", ref c);
        state.Visit($"{name}.3", ref d);
        random.State = ((ulong)a, (ulong)b, (ulong)c, (ulong)d);
    }

    /// <summary>An optimizer's moments and updates.</summary>
    public static void Visit(this IStateVisitor state, string name, IOptimizer optimizer)
    {
        state.Visit($"{name}.moments", optimizer.Moments);
        var updates = optimizer.Updates;
        state.Visit($"{name}.updates", ref updates);
        optimizer.Updates = updates;
    }

    /// <summary>Sums of a loss.</summary>
    public static void Visit(this IStateVisitor state, string name, ref LossSums sums)
    {
        Span<double> terms = [sums.Rows, sums.Policy, sums.Value, sums.Entropy, sums.Divergence, sums.Clipped, sums.Weight, sums.WeightSquare];
        state.Visit(name, terms);
        sums = new LossSums
        {
            Rows = (int)terms[0],
            Policy = terms[1],
            Value = terms[2],
            Entropy = terms[3],
            Divergence = terms[4],
            Clipped = (int)terms[5],
            Weight = terms[6],
            WeightSquare = terms[7],
        };
    }
}
