using AkkaRL.Envs;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Training;

/// <summary>A policy to act with: the network of a run and one set of parameters. Greedy. Not thread-safe.</summary>
public sealed class TrainedPolicy : IDisposable
{
    private readonly RunPlan plan;
    private readonly INetwork network;

    /// <summary>The policy of a run with these settings on this env, with these parameters [P].</summary>
    /// <exception cref="InvalidSettingsException">The settings do not fit the env, or the parameters' count does not fit the network.</exception>
    public TrainedPolicy(RunSettings settings, EnvSpec env, ReadOnlyMemory<float> parameters)
        : this(new RunPlan(settings, env), parameters) { }

    internal TrainedPolicy(RunPlan plan, ReadOnlyMemory<float> parameters)
    {
        if (parameters.Length != plan.Layout.Count)
            throw new InvalidSettingsException(
                $"The policy has {parameters.Length} parameters, but these settings make a network of {plan.Layout.Count} on {plan.Env.Id}. Use the settings and the env of the run it comes from.");
        (this.plan, Parameters) = (plan, parameters);
        network = plan.MakeNetwork(rowCapacity: 1);
        network.Load(parameters.Span);
    }

    /// <summary>The flat parameter vector [P].</summary>
    public ReadOnlyMemory<float> Parameters { get; }

    /// <summary>Name, shape (row-major) and offset into <see cref="Parameters"/> of each tensor, in order, without gaps.</summary>
    public IReadOnlyList<(string Name, int[] Shape, int Offset)> Tensors => [.. NameTensors()];

    /// <summary>Writes the greedy action for one observation, clipped to the action space.</summary>
    /// <param name="observation">As the env returns it, a Discrete one as a one-hot vector [O].</param>
    /// <param name="action">Receives the action [A].</param>
    public void Act(ReadOnlySpan<float> observation, Span<float> action) => plan.Policy.ActGreedily(network.Forward(observation), action);

    /// <summary>Runs whole greedy episodes, each reset with a seed of its own derived from <paramref name="seed"/>.</summary>
    public EvaluationResult Evaluate(int episodes, ulong seed)
    {
        using var evaluation = new PolicyEvaluation(plan, episodes);
        return evaluation.Play(Parameters.Span, episodes, new RandomStream(seed));
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private IEnumerable<(string Name, int[] Shape, int Offset)> NameTensors()
    {
        for (var tower = 0; tower < plan.Layout.Towers.Length; tower++)
            for (var layer = 0; layer < plan.Layout.Towers[tower].Length; layer++)
            {
                var layout = plan.Layout.Towers[tower][layer];
                yield return ($"towers.{tower}.{layer}.weight", [layout.Inputs, layout.Outputs], layout.WeightOffset);
                yield return ($"towers.{tower}.{layer}.bias", [layout.Outputs], layout.BiasOffset);
            }
        if (plan.Network.Constants > 0)
            yield return ("constants", [plan.Network.Constants], plan.Layout.ConstantOffset);
    }
}
