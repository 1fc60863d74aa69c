using System.Net.Sockets;
using Akka.Persistence;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AkkaRL.Actors.Persistence;

/// <summary>What an exception of the database says to a user: what is wrong and what to do about it.</summary>
internal static class StorageFault
{
    /// <summary>Whether the journal's unique key refused a marker: its number is taken.</summary>
    public static bool IsDuplicate(Exception cause) => Chain(cause).Any(inner =>
        inner is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }
        || inner is SqliteException { SqliteErrorCode: 19 } sqlite && sqlite.Message.Contains("UNIQUE", StringComparison.Ordinal));

    /// <summary>Whether what is stored is broken, rather than out of reach for now.</summary>
    public static bool IsDamage(Exception cause) => Chain(cause).Any(inner =>
        inner is SqliteException { SqliteErrorCode: 11 or 26 } or PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } or InvalidProtocolBufferException);

    /// <summary>One or two sentences.</summary>
    public static string Describe(Exception cause, SnapshotDatabase database)
    {
        var root = Chain(cause).LastOrDefault(inner => inner is SqliteException or NpgsqlException or SocketException or IOException or UnauthorizedAccessException or TimeoutException or InvalidProtocolBufferException)
            ?? Chain(cause).Last();
        return $"{database.Description}: {root.Message.ReplaceLineEndings(" ").TrimEnd('.')}. {Advice(root, database.IsSqlite)}";
    }

    private static string Advice(Exception root, bool isSqlite) => root switch
    {
        _ when IsDamage(root) => isSqlite
            ? "The file is damaged: restore journal.db and snapshots.db from a copy, or remove both to begin the run anew."
            : "The database is damaged: restore it from a copy, or begin the run anew in another folder.",
        SqliteException { SqliteErrorCode: 5 or 6 } => "Another process holds the database locked: close it.",
        SqliteException { SqliteErrorCode: 8 or 14 or 23 } or UnauthorizedAccessException => "Give this user permission to write to the run folder.",
        SqliteException { SqliteErrorCode: 10 or 13 } or IOException => "Make room on the disk of the run folder, and check the disk.",
        PostgresException { SqlState: "28P01" or "28000" } => "Correct user and password in the connection string.",
        RecoveryTimedOutException => "Check that the database can be reached from here.",
        NpgsqlException or SocketException or TimeoutException => "Check that the server runs and can be reached from here.",
        _ => "The log on standard error may say more.",
    };

    private static IEnumerable<Exception> Chain(Exception cause)
    {
        for (var inner = cause; inner is not null; inner = (inner as AggregateException)?.InnerExceptions.FirstOrDefault() ?? inner.InnerException!)
            yield return inner;
    }
}
