using AkkaRL.Models.Networks;

namespace AkkaRL.Models.Tests.Algorithms;

/// <summary>
/// A network whose outputs are its observations: a test writes logits and value of every step, and reads the output gradients.
/// </summary>
internal sealed class ScriptedActorCritic(int actions, int rowCapacity) : INetwork
{
    private readonly float[] outputs = new float[rowCapacity * (actions + 1)];

    public NetworkSpec Spec { get; } = NetworkSpec.ActorCritic(actions + 1, actions, 0, [], Activation.Tanh, sharedTrunk: true);

    public ParameterLayout Layout => new(Spec);

    public int RowCapacity => rowCapacity;

    /// <summary>∂L/∂outputs of the last backward pass [B, H].</summary>
    public float[] OutputGradients { get; private set; } = [];

    public void Load(ReadOnlySpan<float> parameters) { }

    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        var result = outputs.AsSpan(row * Spec.Outputs, observations.Length);
        observations.CopyTo(result);
        return result;
    }

    public void Backward(ReadOnlySpan<float> outputGradients, Span<float> parameterGradients, Span<float> inputGradients = default)
    {
        OutputGradients = outputGradients.ToArray();
        parameterGradients.Fill(1);
    }

    public void Dispose() { }
}
