namespace AkkaRL.Envs.Tabular;

/// <summary>One of the things that may follow an action in a <see cref="TabularMdp"/>.</summary>
/// <param name="Probability">How likely it is; a state and action's outcomes sum to one.</param>
/// <param name="NextState">The state it leads to.</param>
/// <param name="Reward">The reward it pays.</param>
/// <param name="Terminated">Whether the MDP ends there: what follows is worth zero.</param>
public readonly record struct Outcome(double Probability, int NextState, double Reward, bool Terminated);
