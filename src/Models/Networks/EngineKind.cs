namespace AkkaRL.Models.Networks;

/// <summary>What computes a network.</summary>
public enum EngineKind
{
    /// <summary>The fused engine where it can serve the network, TorchSharp otherwise.</summary>
    Auto,

    /// <summary>SIMD kernels in C#: perceptrons on the CPU.</summary>
    Fused,

    /// <summary>TorchSharp: any device.</summary>
    Torch,
}
