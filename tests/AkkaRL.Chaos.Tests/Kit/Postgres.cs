using Npgsql;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>A PostgreSQL of the chaos runs' own, which they may stop.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    private readonly INetwork network;
    private readonly string folder;
    private bool isStopped;

    private Postgres(INetwork network, string folder, string connection)
    {
        (this.network, this.folder, Connection) = (network, folder, connection);
        // From outside of its network by its socket, which is a file.
        OwnConnection = network.WhyWhole is null ? new NpgsqlConnectionStringBuilder(connection) { Host = folder, Pooling = false }.ToString() : connection;
    }

    /// <summary>For the nodes.</summary>
    public string Connection { get; }

    /// <summary>For the tests.</summary>
    public string OwnConnection { get; }

    /// <summary>Starts a new one.</summary>
    public static async Task<Postgres> StartAsync(INetwork network, string folder)
    {
        var (exitCode, output, error) = await Shell.TryAsync(network.At(0, Script, "start", folder, network.DatabaseAddress));
        return exitCode == 0 ? new Postgres(network, folder, output.Trim()) : throw new InvalidOperationException($"PostgreSQL did not start: {error}");
    }

    public async Task StopAsync()
    {
        await Shell.RunAsync(Script, "stop", folder);
        isStopped = true;
    }

    /// <summary>Starts it again if it is stopped.</summary>
    public async Task StartAgainAsync()
    {
        if (!isStopped)
            return;
        var (exitCode, _, error) = await Shell.TryAsync(network.At(0, Script, "restart", folder));
        if (exitCode != 0)
            throw new InvalidOperationException($"PostgreSQL did not start again: {error}");
        isStopped = false;
    }

    public async ValueTask DisposeAsync() => await Shell.TryAsync(new(Script, ["stop", folder]));

    private static string Script => Path.Combine(Shell.Root, ".ci/postgres");
}
