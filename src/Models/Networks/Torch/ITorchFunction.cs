using static TorchSharp.torch;

namespace AkkaRL.Models.Networks.Torch;

/// <summary>What a <see cref="TorchNetwork"/> computes: a differentiable function whose parameters are views of one flat tensor.</summary>
internal interface ITorchFunction : IDisposable
{
    /// <summary>The parameters, one after the other as in the flat vector.</summary>
    IReadOnlyList<Tensor> Leaves { get; }

    /// <summary>Observations [B, O] to outputs [B, H] without the constants.</summary>
    /// <param name="observations">The rows.</param>
    /// <param name="time">How they follow each other; null for a network without memory.</param>
    Tensor Run(Tensor observations, TimeGrid? time);
}
