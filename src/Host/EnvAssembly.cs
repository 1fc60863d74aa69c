using System.Reflection;
using System.Runtime.Loader;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;

namespace AkkaRL.Host;

/// <summary>Finds the env of a run, in our catalog or in an assembly of the user's own.</summary>
internal static class EnvAssembly
{
    /// <exception cref="BadInputException">There is no env of that name.</exception>
    public static EnvSpec FindEnv(EnvCatalog catalog, string id)
    {
        if (catalog.TryFind(id, out var env))
            return env;
        var ids = catalog.All.Select(known => known.Id).ToArray();
        throw new BadInputException(
            $"There is no env \"{id}\".{NearestName.Hint(id, ids)} There are: {string.Join(", ", ids)}; name the assembly of an env of your own with --env-assembly.");
    }

    /// <summary>Our envs, and those of the assembly at <paramref name="path"/> unless that is empty.</summary>
    /// <exception cref="BadInputException">The assembly cannot be loaded, or has no env.</exception>
    public static EnvCatalog Catalog(string path)
    {
        if (path == "")
            return EnvCatalog.BuiltIn;
        if (!File.Exists(path))
            throw new BadInputException($"There is no env assembly {path}. Build its project, and name the .dll in its output folder with --env-assembly.");
        try
        {
            return EnvCatalog.BuiltIn.WithAssembly(Load(path));
        }
        catch (ArgumentException error)
        {
            throw new BadInputException($"The env assembly {path} cannot be used: {error.Message}");
        }
        catch (Exception error) when (error is BadImageFormatException or IOException or ReflectionTypeLoadException or TypeLoadException)
        {
            throw new BadInputException($"The env assembly {path} cannot be loaded: {error.Message.ReplaceLineEndings(" ")} It must be a .NET assembly built for net10.0 or older, against this AkkaRL.Envs.");
        }
    }

    /// <summary>Into the default context, so that its IEnv is our IEnv; what else it needs is looked for beside it.</summary>
    private static Assembly Load(string path)
    {
        var beside = new AssemblyDependencyResolver(path);
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            beside.ResolveAssemblyToPath(name) is { } found ? context.LoadFromAssemblyPath(found) : null;
        return AssemblyLoadContext.Default.LoadFromAssemblyPath(path);
    }
}
