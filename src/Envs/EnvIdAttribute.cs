namespace AkkaRL.Envs;

/// <summary>Marks a user's env for <see cref="EnvCatalog.WithAssembly"/>: a public <see cref="IEnv"/> with a public constructor without
/// parameters.</summary>
/// <param name="id">The name users type, such as <c>Warehouse-v0</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EnvIdAttribute(string id) : Attribute
{
    /// <summary>The name users type.</summary>
    public string Id => id;

    /// <summary>One line that says what the task is.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Env steps after which an episode is truncated; 0 for no limit.</summary>
    public int MaximumEpisodeSteps { get; init; }

    /// <summary>Mean evaluation return at which the env counts as solved; NaN when it has no such mark.</summary>
    public double SolvedAt { get; init; } = double.NaN;
}
