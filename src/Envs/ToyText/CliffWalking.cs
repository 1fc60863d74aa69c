using AkkaRL.Envs.Tabular;

namespace AkkaRL.Envs.ToyText;

/// <summary>CliffWalking-v0: walk from the lower left to the lower right of a 4 × 12 grid along a cliff.</summary>
/// <remarks>
/// <para>State: row × 12 + column. Actions: 0 up, 1 right, 2 down, 3 left. Reward -1 a step; a step over the cliff costs 100 and leads back
/// to the start. Terminates at the goal.</para>
/// <para>Sources: Sutton and Barto, "Reinforcement Learning", example 6.6; Gymnasium 0.29 <c>cliffwalking.py</c>,
/// whose recorded episodes it repeats exactly.</para>
/// </remarks>
public static class CliffWalking
{
    private const int Rows = 4, Columns = 12;
    private const int Start = (Rows - 1) * Columns, Goal = Rows * Columns - 1;

    private static readonly (int Down, int Right)[] Directions = [(-1, 0), (0, 1), (1, 0), (0, -1)];

    /// <summary>The MDP.</summary>
    public static TabularMdp Mdp { get; } = new(
        "CliffWalking", Directions.Length, [.. Enumerable.Range(0, Rows * Columns).Select(state => state == Start ? 1.0 : 0.0)],
        (state, action) => [Move(state, action)]);

    /// <summary>The env, without a time limit.</summary>
    public static TabularEnv Create() => new(Mdp);

    private static Outcome Move(int state, int action)
    {
        var (row, column) = Math.DivRem(state, Columns);
        var (down, right) = Directions[action];
        var next = Math.Clamp(row + down, 0, Rows - 1) * Columns + Math.Clamp(column + right, 0, Columns - 1);
        return next is > Start and < Goal
            ? new Outcome(1.0, Start, -100.0, Terminated: false)
            : new Outcome(1.0, next, -1.0, Terminated: next == Goal);
    }
}
