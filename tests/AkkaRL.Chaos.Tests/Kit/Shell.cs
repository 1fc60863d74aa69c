using System.Diagnostics;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>Commands of the operating system.</summary>
internal static class Shell
{
    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Runs a command and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    public static async Task<string> RunAsync(string command, params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(new ProcessStartInfo(command, arguments));
        return exitCode == 0 ? output : throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {exitCode}: {error.Trim()}{output}");
    }

    /// <summary>Runs a command, whatever comes of it.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await error);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (127, "", missing.Message);
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AkkaRL.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("These tests run inside the repository.");
        return folder;
    }
}
