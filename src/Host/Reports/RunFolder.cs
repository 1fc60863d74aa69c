using AkkaRL.Actors.Training;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Reports;

/// <summary>The folder of one run and the names of what is in it.</summary>
internal sealed class RunFolder
{
    public const string Settings = "effective.conf";
    public const string Metrics = "metrics.jsonl";
    public const string Summary = "summary.json";

    private readonly List<string> created = [];

    private RunFolder(string path) => FullPath = path;

    public string FullPath { get; }

    public string PathOf(string file) => Path.Combine(FullPath, file);

    /// <summary>Makes the folder <paramref name="path"/>, or a new one of a name of its own under <c>runs/</c>, and writes the settings into it.</summary>
    /// <param name="path">The folder asked for; it may exist if it is empty. Null for a new one.</param>
    /// <param name="name">What the run is called in a new folder's name.</param>
    /// <param name="settings">The settings in effect.</param>
    /// <param name="currentFolder">What relative paths are relative to.</param>
    /// <param name="now">When the run starts.</param>
    /// <exception cref="BadInputException">The folder cannot be written, or is not empty.</exception>
    public static RunFolder Create(string? path, string name, RunSettings settings, string currentFolder, DateTimeOffset now)
    {
        var first = Path.GetFullPath(path ?? Path.Combine("runs", $"{now.UtcDateTime:yyyyMMdd-HHmmss}-{name}-{settings.Seed}"), currentFolder);
        for (var copy = 1; ; copy++)
        {
            var folder = new RunFolder(copy == 1 ? first : $"{first}-{copy}");
            try
            {
                if (folder.TryClaim(settings))
                    return folder;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                folder.Remove();
                throw new BadInputException($"The run folder {folder.FullPath} cannot be written: {error.Message} Name another with --run-folder, or change its permissions.");
            }
            if (path is not null)
                throw new BadInputException(File.Exists(folder.PathOf(Settings)) || File.Exists(folder.PathOf(Summary))
                    ? $"The run folder {folder.FullPath} already holds a run. Name a new one with --run-folder, or remove the old one."
                    : $"The run folder {folder.FullPath} is not empty. Name a new one with --run-folder.");
        }
    }

    /// <summary>The folder of a run that was begun.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public static RunFolder Open(string path, string currentFolder)
    {
        var folder = new RunFolder(Path.GetFullPath(path, currentFolder));
        return folder.HoldsRun
            ? folder
            : throw new BadInputException($"{folder.FullPath} holds no run: there is no {Settings} in it. Name a folder that akkarl train made, such as one under runs/.");
    }

    /// <summary>The folder of this path if it holds a run, or else null.</summary>
    public static RunFolder? Find(string? path, string currentFolder) =>
        path is not null && new RunFolder(Path.GetFullPath(path, currentFolder)) is { HoldsRun: true } folder ? folder : null;

    private bool HoldsRun => File.Exists(PathOf(Settings));

    private bool TryClaim(RunSettings settings)
    {
        if (Directory.Exists(FullPath) && Directory.EnumerateFileSystemEntries(FullPath).Any())
            return false;
        for (var folder = FullPath; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            created.Add(folder);
        Directory.CreateDirectory(FullPath);
        FileStream file;
        try
        {
            file = new FileStream(PathOf(Settings), FileMode.CreateNew);
        }
        catch (IOException) when (File.Exists(PathOf(Settings)))
        {
            // Another process chose the same name and was faster.
            return false;
        }
        try
        {
            using var writer = new StreamWriter(file);
            writer.Write(SettingsWriter.Write(settings));
            return true;
        }
        catch
        {
            File.Delete(PathOf(Settings));
            throw;
        }
    }

    /// <summary>Takes back the folders that were made here, if they are empty; the innermost comes first.</summary>
    private void Remove()
    {
        foreach (var folder in created)
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
    }
}
