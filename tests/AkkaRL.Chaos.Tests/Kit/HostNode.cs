using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>A process of <c>akkarl</c> that is a node, and what it has said.</summary>
internal sealed class HostNode : IDisposable
{
    private static readonly Regex Resumption = new(@"^Resumed at step ([\d,]+) after .*, life (\d+),"), Snapshot = new(@"snapshot at ([\d,]+)$");

    private readonly Process process;
    private readonly List<(TimeSpan At, string Line)> lines = [];
    private readonly long began = TimeProvider.System.GetTimestamp();
    private readonly Task reading;

    /// <param name="start">What to start.</param>
    /// <param name="name">What failures call it.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="runFolder">Where it writes if it comes to have the learner.</param>
    public HostNode(ProcessStartInfo start, string name, int place, string runFolder)
    {
        (Name, Place, RunFolder) = (name, place, runFolder);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        process = Process.Start(start)!;
        reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public string Name { get; }

    public int Place { get; }

    public string RunFolder { get; }

    public int ProcessId => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>Whether a fault was played on it that ends it; every other node is to last until the run is over.</summary>
    public bool MayEnd { get; set; }

    /// <summary>The step that the run was taken over at here; null when the learner has not been here. A run without a snapshot begins at 0.</summary>
    public long? ResumedAt => Said(Resumption) is { } found ? Number(found) : Text.Contains("No snapshot: the run begins anew", StringComparison.Ordinal) ? 0 : null;

    /// <summary>The newest step that it reported as stored; null before the first.</summary>
    public long? SavedAt
    {
        get
        {
            lock (lines)
                return lines.Select(entry => Snapshot.Match(entry.Line)).LastOrDefault(match => match.Success) is { } found ? Number(found) : null;
        }
    }

    /// <summary>All that it said, each line after the time since its start.</summary>
    public string Text
    {
        get
        {
            lock (lines)
                return string.Join('\n', lines.Select(entry => $"{entry.At:mm\\:ss\\.ff} {entry.Line}"));
        }
    }

    /// <summary>Progress that it wrote, if it has or had the learner; a line that is not finished yet is left out.</summary>
    public IReadOnlyList<(long Step, double Seconds)> Progress()
    {
        var path = Path.Combine(RunFolder, "metrics.jsonl");
        if (!File.Exists(path))
            return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var rows = new List<(long, double)>();
        foreach (var line in reader.ReadToEnd().Split('\n')[..^1])
        {
            using var row = JsonDocument.Parse(line);
            if (row.RootElement.GetProperty("kind").GetString() == "progress")
                rows.Add((row.RootElement.GetProperty("globalStep").GetInt64(), row.RootElement.GetProperty("wallSeconds").GetDouble()));
        }
        return rows;
    }

    /// <summary>The latest step that it wrote; -1 before the first.</summary>
    public long LatestStep() => Progress() is [.., var last] ? last.Step : -1;

    /// <summary>The longest time between two of its lines of progress since a step, seconds.</summary>
    public double LongestGap(long sinceStep)
    {
        var rows = Progress().Where(row => row.Step >= sinceStep).Select(row => row.Seconds).ToArray();
        return rows.Zip(rows.Skip(1), (one, next) => next - one).Max();
    }

    public void Kill()
    {
        MayEnd = true;
        process.Kill();
    }

    /// <summary>STOP, CONT, TERM.</summary>
    public Task SignalAsync(string signal) => Shell.RunAsync("kill", "-s", signal, process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Its exit code, and everything that it said.</summary>
    public async Task<int> EndAsync(TimeSpan patience)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            throw new ChaosException($"{Name} did not end within {patience.TotalSeconds:0} s. It said:\n{Text}");
        }
        await reading;
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private Match? Said(Regex what)
    {
        lock (lines)
            return lines.Select(entry => what.Match(entry.Line)).FirstOrDefault(match => match.Success);
    }

    private static long Number(Match match) => long.Parse(match.Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            lock (lines)
                lines.Add((TimeProvider.System.GetElapsedTime(began), line));
    }
}

/// <summary>A run in the chaos did not come to what was waited for, or broke an invariant.</summary>
internal sealed class ChaosException(string message) : Exception(message);
