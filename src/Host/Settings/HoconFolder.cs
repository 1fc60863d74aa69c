using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Settings;

/// <summary>The HOCON files that come with the binary, beside it in <c>hocon/</c>, and those that users name by path.</summary>
internal static class HoconFolder
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "hocon");

    public static string Reference { get; } = Path.Combine(Root, "reference.conf");

    /// <summary>The experiments that come with AkkaRL: name and first comment line, by name.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Experiments() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "experiments"), "*.conf")
            .Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileNameWithoutExtension(path), File.ReadLines(path).FirstOrDefault("").TrimStart('#', ' '))),
    ];

    /// <summary>The file of an experiment: one of ours by name, or the user's own by path.</summary>
    /// <exception cref="BadInputException">There is no such experiment.</exception>
    public static string FindExperiment(string experiment, string currentFolder)
    {
        var isPath = experiment.EndsWith(".conf", StringComparison.OrdinalIgnoreCase) || experiment.AsSpan().ContainsAny('/', Path.DirectorySeparatorChar);
        if (isPath)
        {
            var path = Path.GetFullPath(experiment, currentFolder);
            return File.Exists(path) ? path : throw new BadInputException($"There is no experiment file {path}. Check the path, or name one of ours: {string.Join(", ", Experiments().Select(known => known.Name))}.");
        }
        var names = Experiments().Select(known => known.Name).ToArray();
        var name = names.FirstOrDefault(known => known.Equals(experiment, StringComparison.OrdinalIgnoreCase));
        return name is not null
            ? Path.Combine(Root, "experiments", name + ".conf")
            : throw new BadInputException($"There is no experiment \"{experiment}\".{NearestName.Hint(experiment, names)} There are: {string.Join(", ", names)}; a file of your own is named by its path, ending in .conf.");
    }

    /// <summary>The file of an overlay: the user's own by path, or else one that comes with the binary, such as hocon/postgres.conf.</summary>
    public static string FindOverlay(string overlay, string currentFolder)
    {
        var path = Path.GetFullPath(overlay, currentFolder);
        var ours = Path.Combine(Root, Path.GetFileName(overlay));
        return !File.Exists(path) && File.Exists(ours) ? ours : path;
    }

    /// <summary>The keys of a file.</summary>
    /// <exception cref="BadInputException">It cannot be read, or is not HOCON.</exception>
    public static IReadOnlyList<KeyValuePair<string, SettingValue>> Load(string path)
    {
        try
        {
            return HoconText.Parse(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The settings file {path} cannot be read: {error.Message} Check the path and its permissions.");
        }
    }
}
