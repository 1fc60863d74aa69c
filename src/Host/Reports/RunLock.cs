using System.Globalization;
using System.Text.Json;

namespace AkkaRL.Host.Reports;

/// <summary>
/// A run belongs to one process at a time: the one that holds run.lock open. The system lets go of it when the process ends, however that was.
/// run.json says who it is, and what the run is called in a database that holds many.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const string LockFile = "run.lock";
    private const string OwnerFile = "run.json";

    private readonly FileStream file;

    private sealed record Owner(string Run, int Process);

    private RunLock(FileStream file, string runId) => (this.file, RunId) = (file, runId);

    /// <summary>What the run is called in its database.</summary>
    public string RunId { get; }

    /// <summary>What the run of this folder is called in its database; null when none was ever begun.</summary>
    public static string? FindRunId(string folder) => Read(folder)?.Run;

    /// <exception cref="BadInputException">Another process has the run, or there is no room for a note of who has it.</exception>
    public static RunLock Take(string folder)
    {
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, LockFile)))
        {
            var process = Read(folder)?.Process.ToString(CultureInfo.InvariantCulture) ?? "unknown";
            throw new BadInputException($"The run in {folder} belongs to process {process}, which is running. Wait for it to end, or stop it.");
        }
        var run = Read(folder)?.Run ?? $"{Path.GetFileName(folder)}-{Guid.NewGuid():N}";
        try
        {
            AtomicFile.Write(Path.Combine(folder, OwnerFile), stream => JsonSerializer.Serialize(stream, new Owner(run, Environment.ProcessId), Json.Indented));
        }
        catch (IOException error)
        {
            file.Dispose();
            throw new BadInputException($"The run folder {folder} cannot be written: {error.Message} Make room there, or permit this user to write to it.");
        }
        return new RunLock(file, run);
    }

    public void Dispose() => file.Dispose();

    private static Owner? Read(string folder)
    {
        var path = Path.Combine(folder, OwnerFile);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Owner>(File.ReadAllBytes(path), Json.Indented) : null;
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return null;
        }
    }
}
