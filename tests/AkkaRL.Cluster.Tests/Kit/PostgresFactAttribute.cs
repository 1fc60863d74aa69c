using AkkaRL.Actors.Persistence;

namespace AkkaRL.Cluster.Tests.Kit;

/// <summary>A fact about a real PostgreSQL, by the connection string in AKKARL_TEST_POSTGRES (see .ci/postgres).</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    private const string Variable = "AKKARL_TEST_POSTGRES";

    public PostgresFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"There is no PostgreSQL: set {Variable} to a connection string; .ci/postgres start makes one.";
    }

    /// <summary>Room for a run of its own.</summary>
    public static SnapshotStorage Storage()
    {
        var connection = Environment.GetEnvironmentVariable(Variable);
        Assert.False(string.IsNullOrEmpty(connection), $"There is no PostgreSQL, which CI must have: set {Variable} to a connection string; .ci/postgres start makes one.");
        return new SnapshotStorage(SnapshotDatabase.PostgreSql(connection, $"test-{Guid.NewGuid():N}"));
    }
}
