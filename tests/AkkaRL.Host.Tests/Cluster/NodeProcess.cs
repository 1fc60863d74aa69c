using System.Diagnostics;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>The built akkarl as a process of its own, as a user starts it, in a folder of a test's.</summary>
internal sealed class NodeProcess : IDisposable
{
    /// <summary>A node that hangs fails its test after this long, rather than the suite.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process process;
    private readonly Task<string> output, error;

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
        (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Fails the test, with what the node said, if it has ended.</summary>
    public async Task RequireRunningAsync()
    {
        if (process.HasExited)
            Assert.Fail($"The node has ended with exit code {process.ExitCode}: {await error}{await output}");
    }

    /// <summary>Waits for its end: exit code, standard output, standard error.</summary>
    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
