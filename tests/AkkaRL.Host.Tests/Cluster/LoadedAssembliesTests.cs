using System.Diagnostics;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>A run in one process pays nothing for what a cluster and its watchers need.</summary>
public sealed class LoadedAssembliesTests
{
    [Fact]
    public async Task A_run_in_one_process_loads_neither_clustering_nor_telemetry()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var akkarl = new Akkarl();
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "akkarl"), "train cartpole --run-folder run --steps 1e12 --set stop-when-solved=off --set snapshots.interval-time=300ms")
        {
            WorkingDirectory = akkarl.Folder,
            RedirectStandardOutput = true,
        })!;
        // A snapshot is stored: every part of a run has been used by then.
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("snapshot at", StringComparison.Ordinal))
        {
        }

        var loaded = await File.ReadAllTextAsync($"/proc/{process.Id}/maps");
        process.Kill();
        await process.WaitForExitAsync();

        Assert.Contains("Akka.Persistence.dll", loaded, StringComparison.Ordinal);
        foreach (var assembly in (string[])["Akka.Cluster", "Akka.Remote", "DotNetty", "OpenTelemetry", "System.Net.HttpListener"])
            Assert.DoesNotContain(assembly, loaded, StringComparison.Ordinal);
    }
}
