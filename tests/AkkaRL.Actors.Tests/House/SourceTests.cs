using System.Text.RegularExpressions;
using AkkaRL.Actors.Tests.Kit;

namespace AkkaRL.Actors.Tests.House;

/// <summary>How the sources read.</summary>
public partial class SourceTests
{
    private const int LongestFile = 400;

    private static readonly string[] Sources = [.. Repository.Files(".cs", "src", "tests", "samples", "build")];

    [Fact]
    public void No_source_file_is_longer_than_400_lines() =>
        Assert.DoesNotContain(Sources, file => Repository.Read(file).Count(sign => sign == '\n') > LongestFile);

    [Fact]
    public void No_source_hides_in_a_region() =>
        Assert.DoesNotContain(Sources, file => Region().IsMatch(Repository.Read(file)));

    [Fact]
    public void No_method_is_async_void() =>
        Assert.DoesNotContain(Sources, file => AsyncVoid().IsMatch(Repository.Read(file)));

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("docs/cluster.md")]
    [InlineData("docs/chaos.md")]
    [InlineData("docs/scaling.md")]
    [InlineData("docs/reinforce.md")]
    [InlineData("docs/dynamic-programming.md")]
    public void Every_path_that_a_document_names_is_there(string document)
    {
        if (!File.Exists(Path.Combine(Repository.Root, document)))
            return;
        var text = Repository.Read(document);
        // Links go from the document's folder, paths in code style from the root; what a build makes may not be made yet.
        var links = Link().Matches(text).Select(link => Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value));
        var paths = RootedPath().Matches(text).Select(path => path.Groups[1].Value).Where(path => !path.Contains("/bin/", StringComparison.Ordinal));
        Assert.DoesNotContain(links.Concat(paths), path => !Path.Exists(Path.Combine(Repository.Root, path)));
    }

    [GeneratedRegex(@"^\s*#region", RegexOptions.Multiline)]
    private static partial Regex Region();

    [GeneratedRegex(@"^[^""/]*\basync\s+void\b", RegexOptions.Multiline)]
    private static partial Regex AsyncVoid();

    [GeneratedRegex(@"\]\((?!\w+:|#)([^)#\s]+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:src|tests|hocon|samples|build)/[\w./-]+)`")]
    private static partial Regex RootedPath();
}
