namespace AkkaRL.Actors.Tests.Kit;

/// <summary>The sources that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Files with an extension in some folders of the repository, what the build writes left out; paths from the root, with slashes.</summary>
    public static IEnumerable<string> Files(string extension, params string[] folders) =>
        from folder in folders
        from path in Directory.EnumerateFiles(Path.Combine(Root, folder), "*" + extension, SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
        where !relative.Split('/').Any(part => part is "bin" or "obj")
        select relative;

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AkkaRL.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"AkkaRL.sln is in no folder above {AppContext.BaseDirectory}.");
        return folder;
    }
}
