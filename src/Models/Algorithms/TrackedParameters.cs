using System.Numerics.Tensors;
using AkkaRL.Models.Networks;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>A target network's parameters: θ⁻ ← τ θ + (1 − τ) θ⁻ (T. Lillicrap et al. 2016, algorithm 1); τ = 1 copies θ.</summary>
internal sealed class TrackedParameters
{
    private readonly INetwork network;
    private readonly float[] parameters;

    public TrackedParameters(INetwork network, float[] parameters)
    {
        (this.network, this.parameters) = (network, parameters);
        network.Load(parameters);
    }

    /// <summary>Moves towards θ [P].</summary>
    public void Track(ReadOnlySpan<float> target, float rate)
    {
        if (rate == 1)
            target.CopyTo(parameters);
        else
            TensorPrimitives.Lerp(parameters, target, rate, parameters);
        network.Load(parameters);
    }

    /// <summary>Shows θ⁻.</summary>
    public void Visit(IStateVisitor state)
    {
        state.Visit("parameters", parameters);
        if (state.IsRestoring)
            network.Load(parameters);
    }
}
