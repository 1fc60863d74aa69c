using System.Reflection.PortableExecutable;

namespace AkkaRL.Host.Tests.Build;

/// <summary>build/CompileAhead.targets: the libraries beside the binary of a release build are compiled for this machine, unless that was asked not to be.</summary>
public sealed class CompiledAheadTests
{
#if COMPILED_AHEAD
    [Theory]
    [InlineData("Akka.dll")]
    [InlineData("Akka.Persistence.Sql.dll")]
    [InlineData("linq2db.dll")]
    [InlineData("Npgsql.dll")]
    public void A_library_that_starts_every_run_is_compiled(string file) => Assert.True(IsCompiled(file));
#endif

    [Theory]
    [InlineData("System.Numerics.Tensors.dll")]
    [InlineData("AkkaRL.Models.dll")]
    public void What_computes_is_compiled_as_it_runs_for_this_processor(string file) => Assert.False(IsCompiled(file));

    private static bool IsCompiled(string file)
    {
        using var image = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, file)));
        return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
