using AkkaRL.Build;

namespace AkkaRL.Models.Tests.Build;

public class SymbolVersionsTests
{
    private const string Version = "GLIBCXX_3.4.32";

    private static readonly string Original = Path.Combine(AppContext.BaseDirectory, "original", "libLibTorchSharp.so");
    private static readonly string InOutput = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    [Fact]
    public void Weakening_changes_the_flags_of_one_record_and_nothing_else()
    {
        var before = File.ReadAllBytes(Original);
        var after = (byte[])before.Clone();

        Assert.Equal(1, SymbolVersions.Weaken(after, Version));

        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToArray();
        var flags = Assert.Single(changed);
        Assert.Equal((0, 2), (BitConverter.ToUInt16(before, flags), BitConverter.ToUInt16(after, flags)));
    }

    [Fact]
    public void Weakening_twice_is_weakening_once()
    {
        var once = File.ReadAllBytes(Original);
        SymbolVersions.Weaken(once, Version);
        var twice = (byte[])once.Clone();

        Assert.Equal(0, SymbolVersions.Weaken(twice, Version));
        Assert.Equal(once, twice);
    }

    [Fact]
    public void A_version_that_nothing_asks_for_leaves_the_library_alone()
    {
        var before = File.ReadAllBytes(Original);
        var after = (byte[])before.Clone();

        Assert.Equal(0, SymbolVersions.Weaken(after, "GLIBCXX_9.9.9"));
        Assert.Equal(before, after);
    }

    [Fact]
    public void The_output_folder_holds_the_weakened_copy_and_the_package_keeps_its_own()
    {
        var expected = File.ReadAllBytes(Original);
        Assert.Equal(1, SymbolVersions.Weaken(expected, Version));
        Assert.Equal(expected, File.ReadAllBytes(InOutput));
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => SymbolVersions.Weaken([], Version));
        Assert.Throws<InvalidDataException>(() => SymbolVersions.Weaken(new byte[1000], Version));
    }

    [Fact]
    public void A_32_bit_library_is_refused()
    {
        var library = File.ReadAllBytes(Original);
        library[4] = 1;
        Assert.Throws<InvalidDataException>(() => SymbolVersions.Weaken(library, Version));
    }

    [Theory]
    [InlineData(0.0001)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void A_truncated_library_is_refused(double part)
    {
        var library = File.ReadAllBytes(Original);
        Assert.Throws<InvalidDataException>(() => SymbolVersions.Weaken(library[..(int)(library.Length * part)], Version));
    }
}
