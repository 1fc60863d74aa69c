namespace AkkaRL.Actors.Persistence;

/// <summary>How a worker's life, and what it captured of itself, are written into a snapshot and read back.</summary>
internal static class WorkerStates
{
    private const int MaximumWorkers = 1024;

    /// <summary>Writes the life that a worker is in.</summary>
    public static void CaptureLife(RunState state, int worker, int life) => state.Write($"worker-{worker}.life", life);

    /// <summary>Writes what a worker captured of its envs, random numbers and episodes.</summary>
    public static void Capture(RunState state, int worker, byte[] captured) => state.Write($"worker-{worker}.state", captured);

    /// <summary>What the worker captured; null when the snapshot holds nothing of it.</summary>
    public static ReadOnlyMemory<byte>? State(RunState state, int worker)
    {
        // Not a conditional expression: there, null would be an empty memory.
        if (state.Has($"worker-{worker}.state"))
            return state.Data($"worker-{worker}.state");
        return null;
    }

    /// <summary>The life that a worker was in.</summary>
    public static int Life(RunState state, int worker) => (int)state.Whole($"worker-{worker}.life");

    /// <summary>A life that no worker has been in, whose random numbers nobody has used.</summary>
    public static int FreshLife(RunState state) =>
        Enumerable.Range(0, MaximumWorkers).Where(worker => state.Has($"worker-{worker}.life")).Select(worker => Life(state, worker)).DefaultIfEmpty(-1).Max() + 1;
}
