using System.Collections.Immutable;
using AkkaRL.Envs.Tabular;

namespace AkkaRL.Envs.ToyText;

/// <summary>FrozenLake-v1: cross a frozen lake from S to G over frozen fields F without falling into a hole H.</summary>
/// <remarks>
/// <para>State: row × columns + column. Actions: 0 left, 1 down, 2 right, 3 up; on slippery ice each of the asked direction and the two
/// beside it happens with probability 1/3. Reward 1 for reaching G, otherwise 0. Terminates at G and H.</para>
/// <para>Source: Gymnasium 0.29 <c>frozen_lake.py</c>, whose recorded episodes it repeats exactly.</para>
/// </remarks>
public static class FrozenLake
{
    private static readonly (int Down, int Right)[] Directions = [(0, -1), (1, 0), (0, 1), (-1, 0)];

    /// <summary>The lake of FrozenLake-v1.</summary>
    public static ImmutableArray<string> Map4x4 { get; } = ["SFFF", "FHFH", "FFFH", "HFFG"];

    /// <summary>The lake of FrozenLake8x8-v1.</summary>
    public static ImmutableArray<string> Map8x8 { get; } =
        ["SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"];

    /// <summary>The env of a lake, without a time limit.</summary>
    /// <param name="map">Rows of equal length over the letters S, F, H and G, with at least one S.</param>
    /// <param name="slippery">Whether moves may go astray.</param>
    /// <exception cref="ArgumentException">The map is not such rows.</exception>
    public static TabularEnv Create(ImmutableArray<string> map, bool slippery = true) => new(Mdp(map, slippery));

    /// <summary>The MDP of a lake; arguments as for <see cref="Create"/>.</summary>
    public static TabularMdp Mdp(ImmutableArray<string> map, bool slippery = true)
    {
        Check(map);
        var (rows, columns) = (map.Length, map[0].Length);
        var fields = string.Concat(map);
        var beginnings = fields.Count(field => field == 'S');
        return new TabularMdp(
            "FrozenLake", Directions.Length, [.. fields.Select(field => field == 'S' ? 1.0 / beginnings : 0.0)], OutcomesOf);

        IReadOnlyList<Outcome> OutcomesOf(int state, int action) =>
            fields[state] is 'G' or 'H' ? [new Outcome(1.0, state, 0.0, Terminated: true)]
            : slippery ? [Move(state, action + 3, 1.0 / 3), Move(state, action, 1.0 / 3), Move(state, action + 1, 1.0 / 3)]
            : [Move(state, action, 1.0)];

        Outcome Move(int state, int direction, double probability)
        {
            var (down, right) = Directions[direction % Directions.Length];
            var (row, column) = Math.DivRem(state, columns);
            var next = Math.Clamp(row + down, 0, rows - 1) * columns + Math.Clamp(column + right, 0, columns - 1);
            return new Outcome(probability, next, fields[next] == 'G' ? 1.0 : 0.0, Terminated: fields[next] is 'G' or 'H');
        }
    }

    private static void Check(ImmutableArray<string> map)
    {
        var isLake = map.All(row => row.Length == map[0].Length && !row.Except("SFHG").Any()) && map.Any(row => row.Contains('S'));
        if (!isLake)
            throw new ArgumentException(
                $"A lake is rows of equal length over the letters S, F, H and G with at least one S, not \"{string.Join('/', map)}\".",
                nameof(map));
    }
}
