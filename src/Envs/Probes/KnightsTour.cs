namespace AkkaRL.Envs.Probes;

/// <summary>KnightsTour-v0: a knight goes from square to square of a 5 × 5 board and may not come to any a second time. Of 25 actions its mask
/// allows 8 at most.</summary>
/// <remarks>
/// <para>Observation [50]: 1 for the square the knight is on, then 1 for each square that it has been on. Action: the square to go to, row by
/// row. The mask allows those a knight's move away that it has not been on. A move to one of them pays 1/24; any other action terminates and
/// pays nothing. It terminates, too, where no move is left. A return is the part of the other squares that the knight came to; 1 is a tour.</para>
/// <para>The knight begins in a corner, any of the four, from each of which there are tours.</para>
/// <para>This env is AkkaRL's own, for action masks: there is no recorded episode to compare it with.</para>
/// </remarks>
public sealed class KnightsTour : IEnv
{
    private const int Side = 5, Squares = Side * Side;

    private readonly SeededEpisode episode = new("KnightsTour");
    private int square;
    private int visited; // a bit a square

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Box(0, 1, 2 * Squares);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Discrete(Squares);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        var corner = episode.Begin(seed).NextInteger(4);
        square = (corner / 2 * Side + corner % 2) * (Side - 1);
        visited = 1 << square;
        Observe(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var next = episode.ReadIndex(action, Squares);
        var isMove = IsOpen(next);
        if (isMove)
        {
            square = next;
            visited |= 1 << square;
        }
        Observe(observation);
        return episode.End(isMove ? 1.0 / (Squares - 1) : 0, terminated: !isMove || !CanMove());
    }

    /// <inheritdoc/>
    public bool HasActionMask => true;

    /// <inheritdoc/>
    public void WriteActionMask(Span<bool> allowed)
    {
        for (var next = 0; next < Squares; next++)
            allowed[next] = IsOpen(next);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        writer.Write(square);
        writer.Write(visited);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        square = reader.ReadInt32();
        visited = reader.ReadInt32();
    }

    private bool CanMove()
    {
        for (var next = 0; next < Squares; next++)
            if (IsOpen(next))
                return true;
        return false;
    }

    /// <summary>Whether the knight can go there: two fields one way and one the other, to a square that it has not been on.</summary>
    private bool IsOpen(int next)
    {
        var (rows, columns) = (next / Side - square / Side, next % Side - square % Side);
        return Math.Abs(rows * columns) == 2 && (visited & 1 << next) == 0;
    }

    private void Observe(Span<float> observation)
    {
        observation.Clear();
        observation[square] = 1;
        for (var i = 0; i < Squares; i++)
            if ((visited & 1 << i) != 0)
                observation[Squares + i] = 1;
    }
}
