using System.Threading.Channels;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Reports;

/// <summary>Hands a run's events from the actor that tells them to the reports, which may be slow: the actor never waits for a disk or a terminal.</summary>
internal sealed class ReportQueue
{
    private readonly Channel<object> events = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task reporting;

    /// <param name="open">Makes the reports at the first event: a run that never starts leaves no files.</param>
    /// <param name="failed">Called when a report fails (a full disk); nobody is told anything after that.</param>
    public ReportQueue(Func<IReadOnlyList<IRunReport>> open, Action failed) => reporting = Task.Run(() => ReportAsync(open, failed));

    public void Tell(RunEvent happened) => events.Writer.TryWrite(happened);

    /// <summary>Completes when all that was told so far is reported, or nothing is reported any more.</summary>
    public Task FlushAsync()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return events.Writer.TryWrite(reached) ? reached.Task : Task.CompletedTask;
    }

    /// <summary>Completes when all that was told is reported; faulted when a report failed.</summary>
    public Task FinishAsync()
    {
        events.Writer.TryComplete();
        return reporting;
    }

    private async Task ReportAsync(Func<IReadOnlyList<IRunReport>> open, Action failed)
    {
        if (!await events.Reader.WaitToReadAsync())
            return;
        IReadOnlyList<IRunReport> reports = [];
        try
        {
            reports = open();
            await foreach (var item in events.Reader.ReadAllAsync())
                if (item is RunEvent happened)
                    foreach (var report in reports)
                        report.Tell(happened);
                else
                    ((TaskCompletionSource)item).SetResult();
        }
        catch
        {
            failed();
            events.Writer.TryComplete();
            while (events.Reader.TryRead(out var item))
                (item as TaskCompletionSource)?.SetResult();
            throw;
        }
        finally
        {
            foreach (var report in reports)
                report.Dispose();
        }
    }
}
