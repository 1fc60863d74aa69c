using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host;

/// <summary>What a command may see and touch of the process it runs in, so that a test can be the process.</summary>
/// <param name="Output">Results and progress.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="IsTerminal">Whether <paramref name="Output"/> is a terminal that a person watches.</param>
/// <param name="CurrentFolder">What relative paths are relative to.</param>
/// <param name="Variables">Environment variables.</param>
/// <param name="Time">The clock.</param>
/// <param name="Stop">Ends a run gracefully.</param>
internal sealed record CommandContext(
    TextWriter Output, TextWriter Error, bool IsTerminal, string CurrentFolder,
    IReadOnlyDictionary<string, string> Variables, TimeProvider Time, CancellationToken Stop)
{
    /// <summary>What a person answers; nothing where no person can.</summary>
    public TextReader Input { get; init; } = TextReader.Null;

    /// <summary>Has a command that loses nothing by it end at once when it is asked to stop.</summary>
    public CancellationTokenRegistration LeaveWhenStopped() => Stop.Register(() => Environment.Exit(ExitCodes.Interrupted));

    public static CommandContext OfProcess(CancellationToken stop) =>
        new(new ResultWriter(Console.Out), Console.Error, !Console.IsOutputRedirected, Environment.CurrentDirectory, SettingsLayers.Variables(), TimeProvider.System, stop)
        {
            Input = Console.IsInputRedirected ? TextReader.Null : Console.In,
        };
}
