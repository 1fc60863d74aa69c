using AkkaRL.Envs.Tabular;

namespace AkkaRL.Envs.ToyText;

/// <summary>Taxi-v3: fetch a passenger at one of four stands and set him down at another, in a 5 × 5 town with walls.</summary>
/// <remarks>
/// <para>State: ((row × 5 + column) × 5 + passenger) × 4 + destination; passenger 0 to 3 waits at stand R, G, Y or B, 4 rides.
/// Actions: 0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off. Reward -1 a step, -10 for a pick-up or drop-off in the wrong place,
/// 20 at the destination, which terminates.</para>
/// <para>Sources: T. G. Dietterich, "Hierarchical Reinforcement Learning with the MAXQ Value Function Decomposition" (2000);
/// Gymnasium 0.29 <c>taxi.py</c>, whose recorded episodes it repeats exactly.</para>
/// </remarks>
public static class Taxi
{
    private const int Side = 5, Riding = 4, Actions = 6;
    private const int States = Side * Side * (Riding + 1) * 4;

    private static readonly string[] Town = ["R: | : :G", " : | : : ", " : : : : ", " | : | : ", "Y| : |B: "]; // | is a wall
    private static readonly (int Row, int Column)[] Stands = [(0, 0), (0, 4), (4, 0), (4, 3)];

    /// <summary>The MDP.</summary>
    public static TabularMdp Mdp { get; } = Build();

    /// <summary>The env, without a time limit.</summary>
    public static TabularEnv Create() => new(Mdp);

    private static TabularMdp Build()
    {
        var states = Enumerable.Range(0, States).Select(Decode).ToArray();
        var count = states.Count(Begins);
        return new TabularMdp(
            "Taxi", Actions, [.. states.Select(state => Begins(state) ? 1.0 / count : 0.0)],
            (state, action) => [Act(states[state], action)]);
    }

    // An episode begins anywhere, with a passenger who waits somewhere else than where he wants to go.
    private static bool Begins(State state) => state.Passenger != Riding && state.Passenger != state.Destination;

    private static Outcome Act(in State state, int action)
    {
        var stand = Array.IndexOf(Stands, (state.Row, state.Column)); // -1 between stands
        var riding = state.Passenger == Riding;
        return action switch
        {
            0 => To(state with { Row = Math.Min(state.Row + 1, Side - 1) }),
            1 => To(state with { Row = Math.Max(state.Row - 1, 0) }),
            2 => To(state with { Column = state.Column + (Open(state.Row, 2 * state.Column + 1) ? 1 : 0) }),
            3 => To(state with { Column = state.Column - (Open(state.Row, 2 * state.Column - 1) ? 1 : 0) }),
            4 when !riding && stand == state.Passenger => To(state with { Passenger = Riding }),
            5 when riding && stand == state.Destination => To(state with { Passenger = stand }, reward: 20, terminated: true),
            5 when riding && stand >= 0 => To(state with { Passenger = stand }),
            _ => To(state, reward: -10),
        };
    }

    private static bool Open(int row, int between) => between >= 0 && between < Town[row].Length && Town[row][between] == ':';

    private static Outcome To(in State state, double reward = -1, bool terminated = false) =>
        new(1.0, ((state.Row * Side + state.Column) * (Riding + 1) + state.Passenger) * 4 + state.Destination, reward, terminated);

    private static State Decode(int state)
    {
        var (rest, destination) = Math.DivRem(state, 4);
        (rest, var passenger) = Math.DivRem(rest, Riding + 1);
        return new State(rest / Side, rest % Side, passenger, destination);
    }

    private readonly record struct State(int Row, int Column, int Passenger, int Destination);
}
