namespace AkkaRL.Host.Tests.Cluster;

/// <summary>A fact about a real PostgreSQL, by the connection string in AKKARL_TEST_POSTGRES (see .ci/postgres).</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    private const string Variable = "AKKARL_TEST_POSTGRES";

    public PostgresFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"There is no PostgreSQL: set {Variable} to a connection string; .ci/postgres start makes one.";
    }

    /// <summary>The connection string.</summary>
    public static string Connection
    {
        get
        {
            var connection = Environment.GetEnvironmentVariable(Variable);
            Assert.False(string.IsNullOrEmpty(connection), $"There is no PostgreSQL, which CI must have: set {Variable} to a connection string; .ci/postgres start makes one.");
            return connection;
        }
    }
}
