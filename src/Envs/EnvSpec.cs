namespace AkkaRL.Envs;

/// <summary>One entry of the env catalog: how to make an env and what counts as solving it.</summary>
/// <param name="Id">The name users type, such as <c>CartPole-v1</c>.</param>
/// <param name="Summary">One line that says what the task is.</param>
/// <param name="Create">Makes the bare env, without a time limit.</param>
/// <param name="MaximumEpisodeSteps">Env steps after which an episode is truncated; null for no limit.</param>
/// <param name="SolvedAt">Mean evaluation return at which the env counts as solved; null when it has no such mark.</param>
public sealed record EnvSpec(string Id, string Summary, Func<IEnv> Create, int? MaximumEpisodeSteps = null, double? SolvedAt = null);
