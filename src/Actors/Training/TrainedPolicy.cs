using AkkaRL.Envs;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Training;

/// <summary>A policy to act with: the network of a run and one set of parameters. Greedy. Not thread-safe.</summary>
public sealed class TrainedPolicy : IDisposable
{
    private readonly RunPlan plan;
    private readonly INetwork network;
    private readonly float[] state;

    /// <summary>The policy of a run with these settings on this env, with these parameters [P].</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="env">The run's env.</param>
    /// <param name="parameters">θ [P].</param>
    /// <param name="network">What made the run's network, when that was not left to the settings.</param>
    /// <exception cref="InvalidSettingsException">The settings do not fit the env, or the parameters' count does not fit the network.</exception>
    public TrainedPolicy(RunSettings settings, EnvSpec env, ReadOnlyMemory<float> parameters, INetworkFactory? network = null)
        : this(new RunPlan(settings, env, network), parameters) { }

    internal TrainedPolicy(RunPlan plan, ReadOnlyMemory<float> parameters)
    {
        if (parameters.Length != plan.Layout.Count)
            throw new InvalidSettingsException(
                $"The policy has {parameters.Length} parameters, but these settings make a network of {plan.Layout.Count} on {plan.Env.Id}. Use the settings and the env of the run it comes from.");
        (this.plan, Parameters) = (plan, parameters);
        network = plan.MakeNetwork(rowCapacity: 1);
        network.Load(parameters.Span);
        state = new float[plan.Network.StateSize];
    }

    /// <summary>The flat parameter vector [P].</summary>
    public ReadOnlyMemory<float> Parameters { get; }

    /// <summary>Name, shape (row-major) and offset into <see cref="Parameters"/> of each tensor, in order, without gaps.</summary>
    public IReadOnlyList<(string Name, int[] Shape, int Offset)> Tensors => plan.Layout.Tensors;

    /// <summary>An episode begins: a policy with a memory forgets the one before. One without needs no telling.</summary>
    public void BeginEpisode() => Array.Clear(state);

    /// <summary>Writes the greedy action for one observation, clipped to the action space; a policy with a memory remembers the observation.</summary>
    /// <param name="observation">As the env returns it, a Discrete one as a one-hot vector, a MultiDiscrete one as several side by side [O].</param>
    /// <param name="action">Receives the action [A].</param>
    /// <param name="allowed">Of an env with an action mask, which actions the state allows [M]; otherwise empty.</param>
    /// <exception cref="ArgumentException">The mask has not as many flags as the env's has.</exception>
    public void Act(ReadOnlySpan<float> observation, Span<float> action, ReadOnlySpan<bool> allowed = default)
    {
        if (allowed.Length != plan.MaskSize)
            throw new ArgumentException(plan.MaskSize == 0
                ? $"{plan.Env.Id} has no action mask; leave it out."
                : $"{plan.Env.Id} has an action mask of {plan.MaskSize} flags, not {allowed.Length}: give what its WriteActionMask says.", nameof(allowed));
        plan.Policy.ActGreedily(network.Forward(observation, state), action, allowed);
    }

    /// <summary>Runs whole greedy episodes, each reset with a seed of its own derived from <paramref name="seed"/>.</summary>
    public EvaluationResult Evaluate(int episodes, ulong seed)
    {
        using var evaluation = new PolicyEvaluation(plan, episodes);
        return evaluation.Play(Parameters.Span, episodes, new RandomStream(seed));
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();
}
