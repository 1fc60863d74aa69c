namespace AkkaRL.Cluster.Tests.Kit;

/// <summary>Holds the workers that come by while it is closed. Once opened it stays open: whoever closes it late changes nothing.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim isOpen = new(initialState: true);

    private volatile bool isOpenForGood;

    public void Close()
    {
        isOpen.Reset();
        if (isOpenForGood)
            isOpen.Set();
    }

    public void Pass() => isOpen.Wait();

    /// <summary>Holds a worker for a millisecond, while it is closed.</summary>
    public void Linger() => isOpen.Wait(1);

    public void Open()
    {
        isOpenForGood = true;
        isOpen.Set();
    }

    // The event itself is left to the garbage collector: a worker may still be waiting on it.
    public void Dispose() => Open();
}
