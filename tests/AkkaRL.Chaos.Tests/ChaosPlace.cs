using AkkaRL.Chaos.Tests.Kit;

namespace AkkaRL.Chaos.Tests;

/// <summary>The network and the database that chaos runs share, one run at a time.</summary>
public sealed class ChaosPlace : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("akkarl-chaos-").FullName;
    private INetwork network = null!;
    private Postgres database = null!;
    private int runs;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        // PostgreSQL's user comes by.
        await Shell.RunAsync("chmod", "a+x", folder);
        network = await NamespaceNetwork.OpenAsync();
        database = await Postgres.StartAsync(network, Path.Combine(folder, "postgres"));
    }

    /// <summary>Why the network cannot be cut here; null when it can.</summary>
    internal string? WhyWhole => network.WhyWhole;

    internal ChaosRun MakeRun(TimeSpan stableAfter) => new(network, database, Directory.CreateDirectory(Path.Combine(folder, $"run-{++runs}")).FullName, stableAfter);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        await network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
