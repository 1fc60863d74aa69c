using System.Numerics.Tensors;
using AkkaRL.Models.Networks;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>A target network's parameters: θ⁻ ← τ θ + (1 − τ) θ⁻ (T. Lillicrap et al. 2016, algorithm 1); τ = 1 copies θ.</summary>
internal sealed class TrackedParameters
{
    private readonly INetwork network;
    private readonly float[] parameters;
    private readonly bool loads;

    /// <param name="network">Whose they are.</param>
    /// <param name="parameters">θ⁻ [P]; owned from now on.</param>
    /// <param name="loads">Whether the network takes them as they are; otherwise its owner loads what it makes of them.</param>
    public TrackedParameters(INetwork network, float[] parameters, bool loads = true)
    {
        (this.network, this.parameters, this.loads) = (network, parameters, loads);
        Load();
    }

    /// <summary>θ⁻ [P].</summary>
    public ReadOnlySpan<float> Parameters => parameters;

    /// <summary>Moves towards θ [P].</summary>
    public void Track(ReadOnlySpan<float> target, float rate)
    {
        if (rate == 1)
            target.CopyTo(parameters);
        else
            TensorPrimitives.Lerp(parameters, target, rate, parameters);
        Load();
    }

    /// <summary>Shows θ⁻.</summary>
    public void Visit(IStateVisitor state)
    {
        state.Visit("parameters", parameters);
        if (state.IsRestoring)
            Load();
    }

    private void Load()
    {
        if (loads)
            network.Load(parameters);
    }
}
