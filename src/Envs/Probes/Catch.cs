namespace AkkaRL.Envs.Probes;

/// <summary>Catch-v0: move a paddle under a ball that falls through a 10 × 10 grid and bounces off its walls. Seen as an image.</summary>
/// <remarks>
/// <para>Observation: an image of 3 channels, 10 rows and 10 columns of zeros and ones, top row first: the ball, where the ball was a step
/// before (which tells its direction), the paddle in the bottom row. Action: 0 left, 1 stay, 2 right. Reward 1 when the ball comes down on
/// the paddle, 0 for all else; the episode terminates when the ball is in the bottom row, after 9 steps. A return is the part caught.</para>
/// <para>The ball starts anywhere in the top row and moves left, straight or right, one column a step; the paddle starts in column 4 or 5,
/// from where every ball can be caught.</para>
/// <para>This env is AkkaRL's own, for networks that read images: there is no recorded episode to compare it with. The encoding is that of
/// K. Young and T. Tian, "MinAtar" (2019).</para>
/// </remarks>
public sealed class Catch : IEnv
{
    private const int Side = 10, Cells = Side * Side;
    private const int Ball = 0, Trail = Cells, Paddle = 2 * Cells;

    private readonly SeededEpisode episode = new("Catch");
    private int row, column, direction, previousColumn, paddle;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Box(0, 1, 3 * Cells) { Shape = [3, Side, Side] };

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Discrete(3);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        var random = episode.Begin(seed);
        row = 0;
        column = previousColumn = random.NextInteger(Side);
        direction = random.NextInteger(3) - 1;
        paddle = Side / 2 - random.NextInteger(2);
        Observe(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        paddle = Math.Clamp(paddle + episode.ReadIndex(action, 3) - 1, 0, Side - 1);
        previousColumn = column;
        if (column + direction is < 0 or >= Side)
            direction = -direction;
        column += direction;
        row++;
        Observe(observation);
        var isDown = row == Side - 1;
        return episode.End(isDown && paddle == column ? 1 : 0, isDown);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        foreach (var value in (ReadOnlySpan<int>)[row, column, direction, previousColumn, paddle])
            writer.Write(value);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        row = reader.ReadInt32();
        column = reader.ReadInt32();
        direction = reader.ReadInt32();
        previousColumn = reader.ReadInt32();
        paddle = reader.ReadInt32();
    }

    private void Observe(Span<float> observation)
    {
        observation.Clear();
        observation[Ball + row * Side + column] = 1;
        if (row > 0)
            observation[Trail + (row - 1) * Side + previousColumn] = 1;
        observation[Paddle + (Side - 1) * Side + paddle] = 1;
    }
}
