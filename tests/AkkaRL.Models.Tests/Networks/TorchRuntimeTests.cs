using AkkaRL.Models.Networks.Torch;

namespace AkkaRL.Models.Tests.Networks;

public class TorchRuntimeTests
{
    [Fact]
    public void The_probe_finds_a_library_that_differentiates()
    {
        var probe = TorchRuntime.Probe();
        Assert.True(probe.Loads, $"{probe.Reason} {probe.Advice}");
        Assert.StartsWith("2.", probe.LibTorchVersion, StringComparison.Ordinal);
        Assert.StartsWith("0.107", probe.TorchSharpVersion, StringComparison.Ordinal);
        Assert.Null(probe.Advice);
    }
}
