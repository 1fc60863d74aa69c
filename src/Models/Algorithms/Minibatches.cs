using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Algorithms;

/// <summary>Shuffles the rows of a batch and cuts them into minibatches. Nothing allocates after construction.</summary>
/// <param name="capacity">The most rows.</param>
public sealed class Minibatches(int capacity)
{
    private readonly int[] rows = new int[capacity];
    private int count, parts;

    /// <summary>Begins with the rows of a batch in order, in as few minibatches of at most <paramref name="size"/> rows as there can be, alike in size.</summary>
    public void Begin(int rows, int size)
    {
        count = rows;
        parts = Math.Max(1, (rows + size - 1) / size);
        for (var i = 0; i < rows; i++)
            this.rows[i] = i;
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
            var (first, end) = ((long)count * index / parts, (long)count * (index + 1) / parts);
            return rows.AsMemory((int)first, (int)(end - first));
        }
    }

    /// <summary>Puts the rows in random order (R. Durstenfeld, "Algorithm 235: Random permutation" (1964)).</summary>
    public void Shuffle(RandomStream random)
    {
        for (var i = count - 1; i > 0; i--)
        {
            var j = random.NextInteger(i + 1);
            (rows[i], rows[j]) = (rows[j], rows[i]);
        }
    }
}
