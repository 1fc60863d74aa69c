using System.Collections.Immutable;
using AkkaRL.Envs.ClassicControl;
using AkkaRL.Envs.Probes;
using AkkaRL.Envs.ToyText;

namespace AkkaRL.Envs;

/// <summary>The envs that come with AkkaRL, with the time limits of Gymnasium 0.29; those under <c>Probes/</c> are the project's own.</summary>
/// <remarks>The marks of MountainCar, Pendulum, Acrobot, CliffWalking, the lakes that are not slippery and the probes are the project's
/// own; the others are Gymnasium's <c>reward_threshold</c>.</remarks>
internal static class BuiltInEnvs
{
    public static ImmutableArray<EnvSpec> All { get; } =
    [
        new("CartPole-v1", "Balance a pole on a cart by pushing it left or right.", () => new CartPole(), 500, 475),
        new("MountainCar-v0", "Swing an underpowered car up a hill: left, idle or right.", () => new MountainCar(), 200, -115),
        new("MountainCarContinuous-v0", "Swing an underpowered car up a hill by throttle.", () => new MountainCarContinuous(), 999, 90),
        new("Pendulum-v1", "Swing a pendulum up and hold it there by torque.", () => new Pendulum(), 200, -200),
        new("Acrobot-v1", "Swing a two-link pendulum's tip over a line.", () => new Acrobot(), 500, -90),
        new("FrozenLake-v1", "Cross a slippery 4x4 lake around its holes.", () => FrozenLake.Create(FrozenLake.Map4x4), 100, 0.70),
        new("FrozenLake8x8-v1", "Cross a slippery 8x8 lake around its holes.", () => FrozenLake.Create(FrozenLake.Map8x8), 200, 0.85),
        new("FrozenLakeNotSlippery-v1", "Cross a 4x4 lake that grips.", () => FrozenLake.Create(FrozenLake.Map4x4, false), 100, 1),
        new("FrozenLake8x8NotSlippery-v1", "Cross an 8x8 lake that grips.", () => FrozenLake.Create(FrozenLake.Map8x8, false), 200, 1),
        new("CliffWalking-v0", "Walk along a cliff by the shortest way.", CliffWalking.Create, null, -13),
        new("Taxi-v3", "Fetch a passenger and set him down at his destination.", Taxi.Create, 200, 8),
        new("Recall-v0", "Remember a cue and give it when asked (AkkaRL's own; needs a memory).", () => new Recall(), 20, 0.95),
        new("Catch-v0", "Move a paddle under a falling ball, seen as a 10x10 image (AkkaRL's own).", () => new Catch(), 20, 0.95),
        new("Crane-v0", "Bring a crane over a crate by two axes at once and grab it (AkkaRL's own; MultiDiscrete).", () => new Crane(), 20, 0.86),
        new("KnightsTour-v0", "Move a knight to every square of a 5x5 board once (AkkaRL's own; masks moves).", () => new KnightsTour(), 25, 0.9),
    ];
}
