using AkkaRL.Chaos.Tests.Kit;

namespace AkkaRL.Chaos.Tests;

/// <summary>A fact about processes, signals and the network of Linux.</summary>
public class ChaosFactAttribute : FactAttribute
{
    public ChaosFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "Signals and network namespaces are Linux's.";
    }
}

/// <summary>One that needs a network that can be cut.</summary>
public sealed class NetworkFactAttribute : ChaosFactAttribute
{
    public NetworkFactAttribute() => Skip ??= NamespaceNetwork.WhyNot;
}
