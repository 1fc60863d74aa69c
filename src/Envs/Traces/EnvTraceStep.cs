using System.Collections.Immutable;

namespace AkkaRL.Envs.Traces;

/// <summary>One recorded step.</summary>
/// <param name="Action">The action taken.</param>
/// <param name="Observation">The observation it led to.</param>
/// <param name="Reward">The reward.</param>
/// <param name="Terminated">Whether the episode terminated.</param>
/// <param name="Truncated">Whether the episode was truncated.</param>
public readonly record struct EnvTraceStep(
    ImmutableArray<float> Action, ImmutableArray<float> Observation, double Reward, bool Terminated, bool Truncated);
