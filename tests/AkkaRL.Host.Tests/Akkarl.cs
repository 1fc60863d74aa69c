using System.Globalization;

namespace AkkaRL.Host.Tests;

/// <summary>The akkarl command line in a temporary folder of its own, with what it wrote and its exit code.</summary>
internal sealed class Akkarl(string? existing = null) : IDisposable
{
    private readonly CancellationTokenSource stop = new();

    /// <summary>Its own, or that of the one before it.</summary>
    public string Folder { get; } = existing ?? Directory.CreateTempSubdirectory("akkarl-test-").FullName;

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>What a person types at the terminal.</summary>
    public string Typed { get; set; } = "";

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>Runs one command line; its words are parted by single spaces.</summary>
    public async Task<int> RunAsync(string arguments, bool isTerminal = false)
    {
        using var input = new StringReader(Typed);
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var context = new CommandContext(TextWriter.Synchronized(output), TextWriter.Synchronized(error), isTerminal, Folder, Variables, TimeProvider.System, stop.Token) { Input = input };
        var exitCode = await CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), context);
        (Output, Error) = (output.ToString(), error.ToString());
        return exitCode;
    }

    /// <summary>What the first Ctrl-C does.</summary>
    public void InterruptAfter(TimeSpan delay) => stop.CancelAfter(delay);

    public string Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        File.WriteAllText(path, text);
        return path;
    }

    public string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    public bool Has(string path) => Path.Exists(Path.Combine(Folder, path));

    public void Dispose()
    {
        stop.Dispose();
        if (existing is null)
            Directory.Delete(Folder, recursive: true);
    }
}
