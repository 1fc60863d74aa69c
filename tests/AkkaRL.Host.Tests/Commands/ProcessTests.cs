using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace AkkaRL.Host.Tests.Commands;

/// <summary>What only a process of its own can show: the built binary, another folder, signals.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_stops_a_run_gracefully(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var akkarl = new Akkarl();
        using var process = Start(akkarl, "train cartpole --run-folder run --steps 1e12 --set stop-when-solved=off");
        // The first line says that training has begun.
        Assert.StartsWith("a3c on CartPole-v1", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);

        using (var kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
        Assert.Contains("Stopped.", output, StringComparison.Ordinal);
        Assert.True(akkarl.Has("run/summary.json"));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_what_loses_nothing_by_it(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var akkarl = new Akkarl();
        using var process = Start(akkarl, "solve taxi --method q-learning --steps 1e12");
        // Well beyond its start it does nothing but solve.
        while (process.TotalProcessorTime < TimeSpan.FromSeconds(2))
            await Task.Delay(20);

        using (var kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
    }

    [Fact]
    public async Task What_an_env_writes_to_the_console_is_not_among_the_results()
    {
        using var akkarl = new Akkarl();
        using var process = Start(akkarl, $"train --env Talkative-v0 --env-assembly {typeof(TalkativeEnv).Assembly.Location} --run-folder run --steps 200 --json --quiet");

        using var summary = JsonDocument.Parse(await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();

        Assert.Equal(200, summary.RootElement.GetProperty("environmentSteps").GetInt32());
    }

    [Theory]
    [InlineData("list")]
    [InlineData("train cartpole --run-folder run --steps 1000")]
    public async Task Results_that_cannot_be_written_are_told_as_such(string arguments)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var akkarl = new Akkarl();
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", $"exec {Path.Combine(AppContext.BaseDirectory, "akkarl")} {arguments} > /dev/full"])
        {
            WorkingDirectory = akkarl.Folder,
            RedirectStandardError = true,
        })!;

        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(ExitCodes.Failure, process.ExitCode);
        Assert.StartsWith("Standard output cannot be written: No space left on device", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_binary_finds_its_experiments_from_any_folder()
    {
        using var akkarl = new Akkarl();
        using var process = Start(akkarl, "list");

        Assert.Contains("cartpole", await process.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        await process.WaitForExitAsync();
        Assert.Equal(ExitCodes.Success, process.ExitCode);
    }

    [Theory]
    [InlineData("fused", false)]
    [InlineData("torch", true)]
    public async Task The_tensor_library_is_loaded_only_by_the_engine_that_needs_it(string engine, bool isLoaded)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var akkarl = new Akkarl();
        using var process = Start(akkarl, $"train cartpole --engine {engine} --run-folder run --steps 1e12 --set stop-when-solved=off");
        // The second line is a progress report or an evaluation: networks have been computed.
        await process.StandardOutput.ReadLineAsync();
        Assert.NotNull(await process.StandardOutput.ReadLineAsync());

        var maps = await File.ReadAllTextAsync($"/proc/{process.Id}/maps");
        process.Kill();
        await process.WaitForExitAsync();

        Assert.Contains("AkkaRL.Models.dll", maps, StringComparison.Ordinal);
        Assert.Equal(isLoaded, maps.Contains("TorchSharp.dll", StringComparison.Ordinal));
        Assert.Equal(isLoaded, maps.Contains("libtorch", StringComparison.Ordinal));
        // Nor does a run in one process pay for what a cluster needs.
        Assert.DoesNotContain("Akka.Remote.dll", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("Akka.Cluster", maps, StringComparison.Ordinal);
    }

    private static Process Start(Akkarl akkarl, string arguments) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "akkarl"), arguments)
    {
        WorkingDirectory = akkarl.Folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
