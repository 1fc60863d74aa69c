using System.Runtime.InteropServices;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>One zeroed block of native memory, handed out in pieces that begin on cache lines: a vector load never straddles two.</summary>
internal sealed unsafe class AlignedMemory : SafeHandle
{
    private const int LineBytes = 64;
    private readonly int capacity;
    private int taken;

    /// <summary>A block of <paramref name="floats"/> floats.</summary>
    public AlignedMemory(int floats)
        : base(0, ownsHandle: true)
    {
        capacity = (int)Rounded(floats);
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)capacity * sizeof(float), LineBytes));
        NativeMemory.Clear((void*)handle, (nuint)capacity * sizeof(float));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>What <see cref="Take"/> uses up for this many floats: whole cache lines.</summary>
    public static long Rounded(long floats) =>
        (floats + LineBytes / sizeof(float) - 1) / (LineBytes / sizeof(float)) * (LineBytes / sizeof(float));

    /// <summary>The next <paramref name="floats"/> floats, on a cache line; valid as long as this block.</summary>
    public float* Take(int floats)
    {
        var start = taken;
        taken += (int)Rounded(floats);
        if (taken > capacity)
            throw new InvalidOperationException($"The block holds {capacity} floats; {taken} were asked for.");
        return (float*)handle + start;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
