using System.Numerics.Tensors;
using AkkaRL.Models.Networks;

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
}
