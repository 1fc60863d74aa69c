namespace AkkaRL.Models.Tests;

/// <summary>Counts what the present thread allocates.</summary>
internal static class Allocations
{
    /// <summary>Bytes that other threads, such as the test runner's, may allocate meanwhile.</summary>
    private const long Allowance = 64 << 20;

    /// <summary>
    /// Bytes allocated by <paramref name="work"/>, while no collection may begin: one that another thread causes counts the rest of this
    /// thread's allocation context, up to 8 kilobytes, as allocated.
    /// </summary>
    public static long Of(Action work)
    {
        Assert.True(GC.TryStartNoGCRegion(Allowance));
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.EndNoGCRegion();
        return allocated;
    }
}
