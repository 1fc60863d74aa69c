using System.Diagnostics;
using System.Text;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>The built akkarl as a process of its own, as a user starts it, in a folder of a test's.</summary>
internal sealed class NodeProcess : IDisposable
{
    /// <summary>A node that hangs fails its test after this long, rather than the suite.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process process;
    private readonly Task<string> output, error;
    private readonly StringBuilder said = new();
    private readonly SemaphoreSlim spoke = new(0);

    public NodeProcess(Akkarl akkarl, string arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "akkarl"), arguments)
        {
            WorkingDirectory = akkarl.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        process = Process.Start(start)!;
        (output, error) = (ListenAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Waits until it has written this to standard output; fails the test if it ends before.</summary>
    public async Task UntilSaysAsync(string text)
    {
        while (!Said().Contains(text, StringComparison.Ordinal))
        {
            if (output.IsCompleted)
                await RequireRunningAsync();
            Assert.True(await spoke.WaitAsync(Patience), $"The node has not said \"{text}\": {Said()}");
        }
    }

    /// <summary>Fails the test, with what the node said, if it has ended.</summary>
    public async Task RequireRunningAsync()
    {
        if (process.HasExited || output.IsCompleted)
            Assert.Fail($"The node has ended with exit code {(await EndAsync()).ExitCode}: {await error}{await output}");
    }

    /// <summary>Waits for its end: exit code, standard output, standard error.</summary>
    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }

    private async Task<string> ListenAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (said)
                said.Append(line).Append('\n');
            spoke.Release();
        }
        spoke.Release();
        return Said();
    }

    private string Said()
    {
        lock (said)
            return said.ToString();
    }

    public void Dispose()
    {
        spoke.Dispose();
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
