using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Reports;

/// <summary>Which database holds a run's snapshots. A connection string is a secret: it comes from an option or a variable, and is written nowhere.</summary>
internal static class RunDatabase
{
    public const string Variable = "AKKARL_DATABASE";

    /// <exception cref="BadInputException">There is a connection string, as an option, that nothing would use.</exception>
    public static void RequireUse(RunSettings settings, string? connection)
    {
        if (connection is not null && settings.Snapshots.Database == SnapshotDatabaseKind.Sqlite)
            throw new BadInputException("--database is the connection string of a PostgreSQL database, but akkarl.snapshots.database is sqlite. Set akkarl.snapshots.database = postgresql, or leave --database out.");
    }

    /// <summary>PostgreSQL's connection string.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public static string RequireConnection(string? connection, IReadOnlyDictionary<string, string> variables)
    {
        connection ??= variables.GetValueOrDefault(Variable);
        return !string.IsNullOrWhiteSpace(connection)
            ? connection
            : throw new BadInputException($"akkarl.snapshots.database is postgresql, but there is no connection string. Give one with --database or in the variable {Variable}, such as \"Host=localhost;Database=akkarl;Username=akkarl;Password=...\".");
    }

    /// <exception cref="BadInputException">It is PostgreSQL, and there is no connection string or a wrong one.</exception>
    public static SnapshotDatabase Find(RunSettings settings, RunFolder folder, string runId, string? connection, IReadOnlyDictionary<string, string> variables)
    {
        if (settings.Snapshots.Database == SnapshotDatabaseKind.Sqlite)
            return SnapshotDatabase.Sqlite(folder.FullPath, runId);
        try
        {
            return SnapshotDatabase.PostgreSql(RequireConnection(connection, variables), runId, folder.FullPath);
        }
        catch (ArgumentException error)
        {
            throw new BadInputException($"PostgreSQL's connection string cannot be read: {error.Message} Write one such as \"Host=localhost;Database=akkarl;Username=akkarl;Password=...\".");
        }
    }
}
