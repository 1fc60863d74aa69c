using System.Runtime.CompilerServices;

namespace AkkaRL.Models.Networks;

/// <summary>Copies of the columns of an output row, which are mostly few.</summary>
internal static class FewFloats
{
    /// <summary>Floats up to which a loop takes less time than a call that copies memory.</summary>
    private const int Few = 8;

    /// <summary>Copies all of <paramref name="from"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ReadOnlySpan<float> from, Span<float> to)
    {
        if (from.Length > Few)
        {
            from.CopyTo(to);
            return;
        }
        for (var i = 0; i < from.Length; i++)
            to[i] = from[i];
    }
}
