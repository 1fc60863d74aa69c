namespace AkkaRL.Envs.Probes;

/// <summary>Crane-v0: bring a crane over a crate in a 5 × 5 hall and grab it. Its two axes move at once, so an action is three choices.</summary>
/// <remarks>
/// <para>Observation: MultiDiscrete, the crane's column and row and the crate's, each 0 to 4. Action: MultiDiscrete, how the column changes (0
/// down, 1 not, 2 up), how the row does, and whether (1) or not (0) the crane grabs once it is there. Every step costs 0.05, a grab beside the
/// crate 0.1 more, and one at the crate pays 1 and terminates.</para>
/// <para>Crane and crate begin anywhere. The best return is 1 − 0.05 · max(1, distance) with the larger of both axes' distances, 0.885 on
/// average; who moves one axis at a time has 0.838.</para>
/// <para>This env is AkkaRL's own, for actions of several components: there is no recorded episode to compare it with.</para>
/// </remarks>
public sealed class Crane : IEnv
{
    private const int Side = 5;

    private static readonly MultiDiscrete Fields = new([Side, Side, Side, Side]), Moves = new([3, 3, 2]);

    private readonly SeededEpisode episode = new("Crane");
    private int column, row, crateColumn, crateRow;

    /// <inheritdoc/>
    public Space ObservationSpace => Fields;

    /// <inheritdoc/>
    public Space ActionSpace => Moves;

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        var random = episode.Begin(seed);
        (column, row) = (random.NextInteger(Side), random.NextInteger(Side));
        (crateColumn, crateRow) = (random.NextInteger(Side), random.NextInteger(Side));
        Observe(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        column = Math.Clamp(column + episode.ReadIndex(action, Moves, 0) - 1, 0, Side - 1);
        row = Math.Clamp(row + episode.ReadIndex(action, Moves, 1) - 1, 0, Side - 1);
        var grabs = episode.ReadIndex(action, Moves, 2) == 1;
        var hasCrate = grabs && (column, row) == (crateColumn, crateRow);
        Observe(observation);
        return episode.End(-0.05 + (hasCrate ? 1 : grabs ? -0.1 : 0), hasCrate);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        foreach (var value in (ReadOnlySpan<int>)[column, row, crateColumn, crateRow])
            writer.Write(value);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        (column, row) = (reader.ReadInt32(), reader.ReadInt32());
        (crateColumn, crateRow) = (reader.ReadInt32(), reader.ReadInt32());
    }

    private void Observe(Span<float> observation)
    {
        ReadOnlySpan<float> fields = [column, row, crateColumn, crateRow];
        fields.CopyTo(observation);
    }
}
