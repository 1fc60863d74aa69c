using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Shuffles the rows of a batch and cuts them into minibatches; for a policy with a memory, shuffles and deals out whole sequences.
/// Nothing allocates after construction.
/// </summary>
/// <param name="capacity">The most rows.</param>
public sealed class Minibatches(int capacity)
{
    private readonly int[] rows = new int[capacity];
    private readonly int[] order = new int[capacity];
    private IReadOnlyList<RolloutSegment>? sequences;
    private int count, parts;

    /// <summary>Begins with the rows of a batch in order, in as few minibatches of at most <paramref name="size"/> rows as there can be, alike in size.</summary>
    public void Begin(int rows, int size)
    {
        sequences = null;
        count = rows;
        parts = Math.Max(1, (rows + size - 1) / size);
        for (var i = 0; i < rows; i++)
            this.rows[i] = i;
    }

    /// <summary>
    /// The same with the rows of this batch; where the policy has a memory, with as many whole sequences in a minibatch as surely fit
    /// <paramref name="size"/> rows, at least one.
    /// </summary>
    public void Begin(RolloutBatch batch, int size)
    {
        Begin(batch.Count, size);
        if (batch.History is null)
            return;
        sequences = batch.Segments;
        var longest = 1;
        for (var i = 0; i < sequences.Count; i++)
        {
            order[i] = i;
            longest = Math.Max(longest, sequences[i].Steps);
        }
        var fitting = Math.Max(1, size / longest);
        parts = Math.Max(1, (sequences.Count + fitting - 1) / fitting);
    }

    /// <summary>How many minibatches there are.</summary>
    public int Count => parts;

    /// <summary>All rows, in their present order.</summary>
    public ReadOnlyMemory<int> All => rows.AsMemory(0, count);

    /// <summary>One minibatch.</summary>
    public ReadOnlyMemory<int> this[int index]
    {
        get
        {
            var (first, end) = (Boundary(index), Boundary(index + 1));
            return rows.AsMemory(first, end - first);
        }
    }

    /// <summary>
    /// Puts the rows in random order (R. Durstenfeld, "Algorithm 235: Random permutation" (1964)); one minibatch of all of them is the same in
    /// any order, and stays as it is.
    /// </summary>
    public void Shuffle(RandomStream random)
    {
        if (parts == 1)
            return;
        if (sequences is null)
        {
            Permute(rows.AsSpan(0, count), random);
            return;
        }
        Permute(order.AsSpan(0, sequences.Count), random);
        var next = 0;
        for (var i = 0; i < sequences.Count; i++)
            for (var (row, steps) = (sequences[order[i]].Start, sequences[order[i]].Steps); steps > 0; steps--)
                rows[next++] = row++;
    }

    private static void Permute(Span<int> values, RandomStream random)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = random.NextInteger(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>The first row of a minibatch.</summary>
    private int Boundary(int index)
    {
        if (sequences is null)
            return (int)((long)count * index / parts);
        var rowsBefore = 0;
        for (var i = 0; i < (long)sequences.Count * index / parts; i++)
            rowsBefore += sequences[order[i]].Steps;
        return rowsBefore;
    }
}
