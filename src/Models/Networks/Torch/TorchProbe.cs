namespace AkkaRL.Models.Networks.Torch;

/// <summary>What <see cref="TorchRuntime.Probe"/> found.</summary>
/// <param name="Loads">Whether a tensor can be made and differentiated.</param>
/// <param name="TorchSharpVersion">Version of the managed package.</param>
/// <param name="LibTorchVersion">Version of the native library; null when it does not load.</param>
/// <param name="Cuda">Whether a CUDA device can be used (needs a CUDA package of libtorch).</param>
/// <param name="Reason">Why it does not load; null when it does.</param>
/// <param name="Advice">What to do about it; null when it loads.</param>
public sealed record TorchProbe(bool Loads, string TorchSharpVersion, string? LibTorchVersion, bool Cuda, string? Reason, string? Advice);
