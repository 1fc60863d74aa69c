using System.Collections.Immutable;

namespace AkkaRL.Envs.Traces;

/// <summary>One recorded episode, or its beginning.</summary>
/// <param name="Seed">The seed of its reset.</param>
/// <param name="InitialObservation">The first observation.</param>
/// <param name="Steps">The steps in order.</param>
public sealed record EnvTraceEpisode(ulong Seed, ImmutableArray<float> InitialObservation, ImmutableArray<EnvTraceStep> Steps);
