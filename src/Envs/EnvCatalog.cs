using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs;

/// <summary>The envs that can be asked for by name. Immutable: adding gives a new catalog.</summary>
public sealed class EnvCatalog
{
    private EnvCatalog(ImmutableArray<EnvSpec> all) => All = all;

    /// <summary>The envs that come with AkkaRL.</summary>
    public static EnvCatalog BuiltIn { get; } = new(BuiltInEnvs.All);

    /// <summary>Every env, in the order of their adding.</summary>
    public ImmutableArray<EnvSpec> All { get; }

    /// <summary>This catalog and one env more.</summary>
    /// <exception cref="ArgumentException">The id is taken, whatever its capitals.</exception>
    public EnvCatalog With(EnvSpec spec) =>
        All.FirstOrDefault(known => SameName(known.Id, spec.Id)) is { } taken
            ? throw new ArgumentException($"The env id {spec.Id} is taken by \"{taken.Id}: {taken.Summary}\"; choose another.", nameof(spec))
            : new EnvCatalog(All.Add(spec));

    /// <summary>This catalog and the envs of an assembly that are marked <see cref="EnvIdAttribute"/>, each guarded by a
    /// <see cref="ValidatedEnv"/>.</summary>
    /// <exception cref="ArgumentException">The assembly has no such env, one cannot be made, or an id is taken.</exception>
    public EnvCatalog WithAssembly(Assembly assembly)
    {
        var specs = assembly.GetExportedTypes().Select(SpecOf).OfType<EnvSpec>().ToArray();
        return specs.Length > 0
            ? specs.Aggregate(this, (catalog, spec) => catalog.With(spec))
            : throw new ArgumentException(
                $"{assembly.GetName().Name} has no env: mark a public class that implements IEnv with [EnvId(\"Name-v0\")].",
                nameof(assembly));
    }

    /// <summary>Looks an env up: by its exact id, else whatever the capitals, else without the version (<c>cartpole</c> finds the latest
    /// CartPole).</summary>
    public bool TryFind(string id, [NotNullWhen(true)] out EnvSpec? spec)
    {
        spec = All.FirstOrDefault(known => known.Id == id)
            ?? All.FirstOrDefault(known => SameName(known.Id, id))
            ?? All.Where(known => SameName(Split(known.Id).Name, id)).MaxBy(known => Split(known.Id).Version);
        return spec is not null;
    }

    /// <summary>Looks an env up as <see cref="TryFind"/> does.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public EnvSpec Find(string id) => TryFind(id, out var spec)
        ? spec
        : throw new ArgumentException($"There is no env \"{id}\"; there are {string.Join(", ", All.Select(known => known.Id))}.", nameof(id));

    /// <summary>Makes an env by name, with its time limit.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public IEnv Make(string id) => Make(Find(id));

    /// <summary>Makes an env, with its time limit when it has one.</summary>
    public static IEnv Make(EnvSpec spec) => spec.MaximumEpisodeSteps is { } steps ? new TimeLimit(spec.Create(), steps) : spec.Create();

    private static bool SameName(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static (string Name, int Version) Split(string id) =>
        id.LastIndexOf("-v", StringComparison.Ordinal) is > 0 and var at && int.TryParse(id.AsSpan(at + 2), out var version)
            ? (id[..at], version)
            : (id, 0);

    private static EnvSpec? SpecOf(Type type)
    {
        if (type.GetCustomAttribute<EnvIdAttribute>() is not { } mark)
            return null;
        if (!type.IsAssignableTo(typeof(IEnv)) || type.IsAbstract || type.GetConstructor([]) is not { } constructor)
            throw new ArgumentException(
                $"{type.FullName} is marked [EnvId(\"{mark.Id}\")], so it must implement IEnv and have a public parameterless constructor.");
        return new EnvSpec(
            mark.Id,
            mark.Summary,
            () => new ValidatedEnv((IEnv)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [], null), mark.Id),
            mark.MaximumEpisodeSteps > 0 ? mark.MaximumEpisodeSteps : null,
            double.IsNaN(mark.SolvedAt) ? null : mark.SolvedAt);
    }
}
