using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace AkkaRL.Host.Tests.Commands;

/// <summary>Faults that a process of its own suffers from the operating system in the middle of a run.</summary>
public sealed class StorageFaultTests
{
    private const string Endless = "train cartpole --run-folder run --steps 1e12 --set stop-when-solved=off --set evaluation.interval-steps=1e12 --set metrics.interval-steps=1e12 --set snapshots.interval-steps=20000";

    [Fact]
    public async Task A_folder_that_becomes_read_only_costs_the_snapshots_of_that_time_and_nothing_else()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var akkarl = new Akkarl();
        // Nothing is read-only to root, unless it gives that up.
        using var process = Environment.IsPrivilegedProcess
            ? Start(akkarl, "setpriv", $"--bounding-set=-dac_override,-dac_read_search {Binary} {Endless}")
            : Start(akkarl, Binary, Endless);
        await ReadUntilAsync(process, "snapshot at");
        await RunAsync("chmod", "-R a-w run", akkarl);
        await ReadUntilAsync(process, "Give this user permission to write to the run folder.");
        await RunAsync("chmod", "-R u+w run", akkarl);
        await ReadUntilAsync(process, "snapshot at");
        await StopAsync(process, akkarl);
        AssertIsKept(akkarl);
        Assert.NotEqual(0, Summary(akkarl, "faults").GetProperty("storageFaults").GetInt32());
    }

    [Theory]
    [InlineData("continue")]
    [InlineData("stop")]
    public async Task A_full_disk_costs_snapshots_or_ends_the_run_as_set(string remedy)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var akkarl = new Akkarl();
        // No file may grow over 400 kB: enough for this network's policy, not for its snapshot.
        using var process = Start(akkarl, "bash", $"-c \"trap '' XFSZ; ulimit -f 400; exec {Binary} {Endless} --set network.hidden=[256,256] --set snapshots.on-failure={remedy}\"", ("DOTNET_EnableWriteXorExecute", "0"));
        if (remedy == "continue")
        {
            await ReadUntilAsync(process, "Make room on the disk of the run folder");
            await ReadUntilAsync(process, "Make room on the disk of the run folder");
            await StopAsync(process, akkarl);
            return;
        }
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(("failed", ExitCodes.Failure), (Summary(akkarl, "stopReason").GetString(), process.ExitCode));
        Assert.Contains("Make room on the disk", Summary(akkarl, "stopDetail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--set metrics.interval-steps=100")]
    [InlineData("--set network.hidden=[512,512] --set evaluation.interval-steps=1000 --set evaluation.episodes=1")]
    public async Task Metrics_or_a_policy_that_may_not_grow_any_more_end_the_run_with_what_to_do(string options)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var akkarl = new Akkarl();
        using var process = Start(akkarl, "bash", $"-c \"trap '' XFSZ; ulimit -f 400; exec {Binary} {Endless} {options} 2> error\"", ("DOTNET_EnableWriteXorExecute", "0"));
        await AssertStoppedByItsFolderAsync(process, akkarl, "would become larger than the file system or a limit of this process allows");
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(akkarl.Folder, "run")), file => file.EndsWith(".tmp", StringComparison.Ordinal));

        using var resumed = Start(akkarl, Binary, "resume run");
        await ReadUntilAsync(resumed, "snapshot at");
        await StopAsync(resumed, akkarl);
        AssertIsKept(akkarl);
    }

    [Fact]
    public async Task A_disk_that_is_full_ends_the_run_with_what_to_do_and_it_goes_on_when_there_is_room()
    {
        // Only root may make a disk as small as that; the limit above stands in for it elsewhere.
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return;
        using var akkarl = new Akkarl();
        var disk = Directory.CreateDirectory(Path.Combine(akkarl.Folder, "run")).FullName;
        if (await ExitCodeAsync("mount", $"-t tmpfs -o size=16m tmpfs {disk}", akkarl) != 0)
            return;
        try
        {
            using var process = Start(akkarl, "bash", $"-c \"exec {Binary} {Endless} --set metrics.interval-steps=1000 2> error\"");
            await ReadUntilAsync(process, "snapshot at");
            var ballast = Path.Combine(disk, "ballast");
            await FillAsync(ballast, akkarl);
            await AssertStoppedByItsFolderAsync(process, akkarl, "No space left on device");
            // A run that ends gives back what it no longer needs, so how far the next gets is chosen here: to its lock, its settings, its database, its first snapshots.
            foreach (var room in new[] { 0, 4, 8, 16, 64 })
            {
                await FillAsync(ballast, akkarl);
                await RunAsync("truncate", $"-s -{room}K {ballast}", akkarl);
                Assert.NotEqual(ExitCodes.Success, await akkarl.RunAsync("resume run"));
                Assert.Contains("Make room", akkarl.Error, StringComparison.Ordinal);
            }

            File.Delete(ballast);
            Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("inspect run --json"));
            Assert.Contains(JsonDocument.Parse(akkarl.Output).RootElement.EnumerateArray(), snapshot => snapshot.GetProperty("isValid").GetBoolean());
            using var resumed = Start(akkarl, Binary, "resume run");
            await ReadUntilAsync(resumed, "Resumed at step");
            await ReadUntilAsync(resumed, "snapshot at");
            await StopAsync(resumed, akkarl);
            AssertIsKept(akkarl);
            var steps = akkarl.Read("run/metrics.jsonl").TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)
                .Where(row => row.GetProperty("kind").GetString() == "progress").Select(row => row.GetProperty("globalStep").GetInt64()).ToArray();
            Assert.Equal(steps.Order().Distinct(), steps);
        }
        finally
        {
            await RunAsync("umount", disk, akkarl);
        }
    }

    [Fact]
    public async Task A_process_that_is_paused_for_longer_than_its_timeouts_goes_on()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var akkarl = new Akkarl();
        using var process = Start(akkarl, Binary, $"{Endless} --set faults.stall-timeout=1s");
        await ReadUntilAsync(process, "snapshot at");
        await SignalAsync(process, "STOP");
        // The pause is the fault.
        await Task.Delay(TimeSpan.FromSeconds(3));
        await SignalAsync(process, "CONT");
        await ReadUntilAsync(process, "snapshot at");
        await ReadUntilAsync(process, "snapshot at");
        await StopAsync(process, akkarl);
        AssertIsKept(akkarl);
    }

    [Fact]
    public async Task No_snapshot_that_was_reported_is_lost_when_the_process_is_killed()
    {
        using var akkarl = new Akkarl();
        for (var kill = 1; kill <= 5; kill++)
        {
            using var process = Start(akkarl, Binary, $"{Endless} --resume");
            var reported = 0L;
            for (var snapshots = 0; snapshots < kill; snapshots++)
                reported = long.Parse((await ReadUntilAsync(process, "snapshot at")).Split("snapshot at ")[1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            process.Kill();
            await process.WaitForExitAsync();
            Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("inspect run --json"));
            var newest = JsonDocument.Parse(akkarl.Output).RootElement.EnumerateArray().Last(snapshot => snapshot.GetProperty("isValid").GetBoolean());
            Assert.InRange(newest.GetProperty("info").GetProperty("globalStep").GetInt64(), reported, long.MaxValue);
        }
    }

    private static string Binary => Path.Combine(AppContext.BaseDirectory, "akkarl");

    /// <summary>The last snapshot is of the last step, and can be read.</summary>
    private static void AssertIsKept(Akkarl akkarl) =>
        Assert.Equal(Summary(akkarl, "environmentSteps").GetInt64(), Summary(akkarl, "snapshots").GetProperty("latestStep").GetInt64());

    private static JsonElement Summary(Akkarl akkarl, string key) => JsonDocument.Parse(akkarl.Read("run/summary.json")).RootElement.GetProperty(key);

    private static Process Start(Akkarl akkarl, string file, string arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = akkarl.Folder, RedirectStandardOutput = true };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<string> ReadUntilAsync(Process process, string text)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        throw new InvalidOperationException($"The process ended before it wrote \"{text}\".");
    }

    private static async Task StopAsync(Process process, Akkarl akkarl)
    {
        await SignalAsync(process, "INT");
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal((ExitCodes.Interrupted, "stopped"), (process.ExitCode, Summary(akkarl, "stopReason").GetString()));
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static async Task AssertStoppedByItsFolderAsync(Process process, Akkarl akkarl, string reason)
    {
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var error = akkarl.Read("error");
        Assert.Equal(ExitCodes.Failure, process.ExitCode);
        // What the database's plugin logs may come before.
        Assert.Contains(reason, error[error.IndexOf("The run was stopped because its folder", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains("Make room there, then go on with `akkarl resume run`.", error, StringComparison.Ordinal);
    }

    /// <summary>Lets a file grow until its disk is full.</summary>
    private static async Task FillAsync(string ballast, Akkarl akkarl) =>
        Assert.NotEqual(0, await ExitCodeAsync("dd", $"if=/dev/zero of={ballast} bs=4096 oflag=append conv=notrunc status=none", akkarl));

    private static async Task RunAsync(string program, string arguments, Akkarl akkarl) =>
        Assert.Equal(0, await ExitCodeAsync(program, arguments, akkarl));

    private static async Task<int> ExitCodeAsync(string program, string arguments, Akkarl akkarl)
    {
        using var process = Start(akkarl, program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
