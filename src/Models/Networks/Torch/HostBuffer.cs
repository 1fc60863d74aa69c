using static TorchSharp.torch;

namespace AkkaRL.Models.Networks.Torch;

/// <summary>A pinned array and a CPU tensor that is the same memory.</summary>
internal sealed class HostBuffer : IDisposable
{
    public HostBuffer(params long[] shape)
    {
        Array = GC.AllocateArray<float>(checked((int)shape.Aggregate((a, b) => a * b)), pinned: true);
        using var scope = NewDisposeScope();
        Tensor = frombuffer(Array, ScalarType.Float32).view(shape).DetachFromDisposeScope();
    }

    public float[] Array { get; }

    public Tensor Tensor { get; }

    public void Dispose() => Tensor.Dispose();
}
