using AkkaRL.Chaos.Tests.Kit;

namespace AkkaRL.Chaos.Tests;

/// <summary>A fact about processes, signals and the network of Linux, and about PostgreSQL, which .ci/postgres starts once more.</summary>
public class ChaosFactAttribute : FactAttribute
{
    private const string Variable = "AKKARL_TEST_POSTGRES";

    public ChaosFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "Signals and network namespaces are Linux's.";
        else if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) && Environment.GetEnvironmentVariable("CI") != "true" && !FullSet.IsAskedFor)
            Skip = $"There is no PostgreSQL: set {Variable} to a connection string; .ci/postgres start makes one.";
    }
}

/// <summary>One that needs a network that can be cut.</summary>
public sealed class NetworkFactAttribute : ChaosFactAttribute
{
    public NetworkFactAttribute() => Skip ??= NamespaceNetwork.WhyNot;
}
