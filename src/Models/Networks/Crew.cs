using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace AkkaRL.Models.Networks;

/// <summary>Threads of the pool that help with a computation of a few microseconds a piece, again and again. Nothing allocates.</summary>
/// <remarks>
/// A helper with nothing to do stays awake for a moment before it goes back to the pool, so that the next call, microseconds later, finds
/// it there. The caller works like the rest and waits only for pieces that somebody has begun: without helpers it does everything itself.
/// What a piece computes must not depend on which thread does it, or when; so no result depends on how many there are.
/// The caller begins with the first pieces and helpers with the last, so that over many calls a core finds in its cache what it left there.
/// Any thread may call; when two do at a time, the second has no helpers.
/// </remarks>
/// <param name="threads">Threads that compute at once, the caller included; 1 for no helpers.</param>
public sealed class Crew(int threads) : IThreadPoolWorkItem
{
    /// <summary>How long a helper stays without work, half a millisecond; after the first tenth it lets others have its core.</summary>
    private static readonly long Patience = Stopwatch.Frequency / 2_000, PatienceAlone = Patience / 10;

    private const int SpinsBetweenLooks = 8;

    private Action<int> work = _ => { };

    /// <summary>
    /// The number of this call in the upper half; in the lower the first piece that nobody has begun, and the end of these. One word, so
    /// that all is read and taken at once.
    /// </summary>
    private long open;

    private int unfinished;
    private int helpers;
    private int isTaken;
    private ExceptionDispatchInfo? failure;

    /// <summary>Calls <paramref name="piece"/> with 0 .. <paramref name="count"/> - 1, each once, in any order and some at a time; returns when all are done.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 65,535 pieces.</exception>
    public void Run(int count, Action<int> piece)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ushort.MaxValue);
        if (threads == 1 || count <= 1 || Interlocked.Exchange(ref isTaken, 1) == 1)
        {
            for (var i = 0; i < count; i++)
                piece(i);
            return;
        }
        (work, unfinished, failure) = (piece, count, null);
        Interlocked.Exchange(ref open, ((open >> 32) + 1) << 32 | (uint)count);
        for (var missing = Math.Min(threads, count) - 1 - Volatile.Read(ref helpers); missing > 0; missing--)
        {
            Interlocked.Increment(ref helpers);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        Work(isHelper: false);
        var wait = new SpinWait();
        while (Volatile.Read(ref unfinished) > 0)
            wait.SpinOnce(sleep1Threshold: -1);
        var thrown = failure;
        Volatile.Write(ref isTaken, 0);
        thrown?.Throw();
    }

    /// <summary>A helper's stay.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        var (idleSince, idle) = (Stopwatch.GetTimestamp(), 0L);
        for (; idle < Patience; idle = Stopwatch.GetTimestamp() - idleSince)
            if (!IsNothingOpen(Volatile.Read(ref open)))
            {
                Work(isHelper: true);
                idleSince = Stopwatch.GetTimestamp();
            }
            else if (idle < PatienceAlone)
                Thread.SpinWait(SpinsBetweenLooks);
            else
                Thread.Yield();
        Interlocked.Decrement(ref helpers);
    }

    private void Work(bool isHelper)
    {
        while (true)
        {
            var seen = Volatile.Read(ref open);
            if (IsNothingOpen(seen))
                return;
            var (first, end) = ((int)(seen >> 16) & ushort.MaxValue, (int)seen & ushort.MaxValue);
            if (Interlocked.CompareExchange(ref open, isHelper ? seen - 1 : seen + (1 << 16), seen) != seen)
                continue;
            // From here to the decrement this call cannot end, so what it is made of stays as it is.
            try
            {
                work(isHelper ? end - 1 : first);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
            Interlocked.Decrement(ref unfinished);
        }
    }

    private static bool IsNothingOpen(long open) => (ushort)(open >> 16) == (ushort)open;
}
