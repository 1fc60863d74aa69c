using static TorchSharp.torch;

namespace AkkaRL.Models.Networks.Torch;

/// <summary>
/// The rows of N sequences as a grid of T steps by N, so that all sequences step together; T is the longest. Short ones are padded with
/// steps that nobody reads. Its tensors live in the scope that it is made in.
/// </summary>
internal sealed class TimeGrid
{
    private readonly int count;
    private readonly Tensor? rowOfPlace;
    private readonly Tensor? placeOfRow;
    private readonly Tensor?[] keep;
    private readonly List<Tensor> finalStates = [];

    /// <summary>One step each of N envs.</summary>
    /// <param name="states">The states before it [N, S].</param>
    public TimeGrid(Tensor states) => (States, count, Steps, keep) = (states, (int)states.shape[0], 1, new Tensor?[1]);

    /// <summary>Whole sequences.</summary>
    /// <param name="sequences">How the rows follow each other.</param>
    /// <param name="states">Their initial states [N, S].</param>
    public TimeGrid(Sequences sequences, Tensor states)
    {
        var lengths = sequences.Lengths;
        (States, count) = (states, lengths.Length);
        foreach (var length in lengths)
            Steps = Math.Max(Steps, length);
        var rows = new long[Steps * count];
        var places = new long[sequences.Begins.Length];
        var kept = new float[Steps * count];
        Array.Fill(kept, 1);
        keep = new Tensor?[Steps];
        for (int sequence = 0, row = 0; sequence < count; sequence++)
            for (var step = 0; step < lengths[sequence]; step++, row++)
            {
                var place = step * count + sequence;
                (rows[place], places[row]) = (row, place);
                if (!sequences.Begins[row])
                    continue;
                kept[place] = 0;
                keep[step] ??= states;
            }
        // One sequence, or one step of each, is in order as it is.
        if (count > 1 && Steps > 1)
            (rowOfPlace, placeOfRow) = (tensor(rows).to(states.device), tensor(places).to(states.device));
        var mask = tensor(kept).view(Steps, count, 1).to(states.device);
        for (var step = 0; step < Steps; step++)
            keep[step] = keep[step] is null ? null : mask.select(0, step);
    }

    /// <summary>T.</summary>
    public int Steps { get; }

    /// <summary>The states before the first step [N, S].</summary>
    public Tensor States { get; }

    /// <summary>The states after the last step [N, S]; of sequences that are all of one length.</summary>
    public Tensor FinalStates => cat(finalStates, 1);

    /// <summary>Rows [B, X] as a grid [T, N, X].</summary>
    public Tensor ToGrid(Tensor rows) => (rowOfPlace is null ? rows : rows.index_select(0, rowOfPlace)).view(Steps, count, -1);

    /// <summary>A grid [T, N, X] as rows [B, X].</summary>
    public Tensor ToRows(Tensor grid)
    {
        var places = grid.flatten(0, 1);
        return placeOfRow is null ? places : places.index_select(0, placeOfRow);
    }

    /// <summary>What the states are multiplied by before a step [N, 1]: 0 where an episode begins. Null where none does.</summary>
    public Tensor? Keep(int step) => keep[step];

    /// <summary>Takes a tower's state after the last step; towers come in order.</summary>
    public void Finish(Tensor h, Tensor c) => finalStates.AddRange([h, c]);
}
