using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Reports;

namespace AkkaRL.Host.Tests.Reports;

public sealed class ReportQueueTests
{
    private static readonly FaultReported Fault = new(1, 0, FaultKind.Environment, "it fell over");

    [Fact]
    public async Task A_run_that_never_starts_opens_no_reports()
    {
        var queue = new ReportQueue(() => throw new InvalidOperationException("opened"), () => { });

        await queue.FinishAsync();
    }

    [Fact]
    public async Task A_report_that_fails_ends_the_run_and_its_error_is_kept()
    {
        using var stop = new CancellationTokenSource();
        var report = new FullDisk();
        var queue = new ReportQueue(() => [report], stop.Cancel);

        queue.Tell(Fault);
        queue.Tell(Fault);

        await Assert.ThrowsAsync<IOException>(queue.FinishAsync);
        Assert.True(stop.IsCancellationRequested);
        Assert.Equal((1, true), (report.Told, report.Disposed));
    }

    private sealed class FullDisk : IRunReport
    {
        public int Told { get; private set; }

        public bool Disposed { get; private set; }

        public void Tell(RunEvent happened)
        {
            Told++;
            throw new IOException("no space left on device");
        }

        public void Dispose() => Disposed = true;
    }
}
