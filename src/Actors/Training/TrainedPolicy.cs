using AkkaRL.Envs;

namespace AkkaRL.Actors.Training;

/// <summary>A policy to act with: the network of a run and one set of parameters. Greedy. Not thread-safe.</summary>
public sealed class TrainedPolicy : IDisposable
{
    /// <summary>The policy of a run with these settings on this env, with these parameters [P].</summary>
    /// <exception cref="InvalidSettingsException">The settings do not fit the env, or the parameters' count does not fit the network.</exception>
    public TrainedPolicy(RunSettings settings, EnvSpec env, ReadOnlyMemory<float> parameters) => Parameters = parameters;

    /// <summary>The flat parameter vector [P].</summary>
    public ReadOnlyMemory<float> Parameters { get; }

    /// <summary>Name, shape (row-major) and offset into <see cref="Parameters"/> of each tensor, in order, without gaps.</summary>
    public IReadOnlyList<(string Name, int[] Shape, int Offset)> Tensors { get; } = [];

    /// <summary>Writes the greedy action for one observation.</summary>
    public void Act(ReadOnlySpan<float> observation, Span<float> action) => throw new InvalidSettingsException($"not yet {Parameters.Length}");

    /// <summary>Runs whole greedy episodes, each reset with a seed of its own derived from <paramref name="seed"/>.</summary>
    public EvaluationResult Evaluate(int episodes, ulong seed) => throw new InvalidSettingsException($"not yet {Parameters.Length}");

    /// <inheritdoc/>
    public void Dispose() { }
}
