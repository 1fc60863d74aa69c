using AkkaRL.Chaos.Tests.Kit;

namespace AkkaRL.Chaos.Tests;

/// <summary>The network and the database that chaos runs share, one run at a time. Made for the first.</summary>
public sealed class ChaosPlace : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("akkarl-chaos-").FullName;
    private INetwork? network;
    private Postgres? database;
    private int runs;

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    internal async Task<ChaosRun> MakeRunAsync(TimeSpan stableAfter)
    {
        network ??= await NamespaceNetwork.OpenAsync();
        if (database is null)
        {
            // PostgreSQL's user comes by.
            await Shell.RunAsync("chmod", "a+x", folder);
            database = await Postgres.StartAsync(network, Path.Combine(folder, "postgres"));
        }
        return new ChaosRun(network, database, Directory.CreateDirectory(Path.Combine(folder, $"run-{++runs}")).FullName, stableAfter);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (database is not null)
            await database.DisposeAsync();
        if (network is not null)
            await network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
