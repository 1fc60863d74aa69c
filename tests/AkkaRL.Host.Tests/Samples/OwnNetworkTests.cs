using System.Globalization;
using System.Reflection;

namespace AkkaRL.Host.Tests.Samples;

/// <summary>A user's own TorchSharp module as the network.</summary>
public sealed class OwnNetworkTests
{
    [Fact]
    public async Task The_sample_program_trains_CartPole_with_its_module()
    {
        var output = await SampleProgram.RunAsync(Assembly.Load("OwnNetwork"), "20000");

        var mean = double.Parse(output.TrimEnd().Split("Best policy: ")[^1], CultureInfo.InvariantCulture);
        Assert.InRange(mean, 150, 500); // a policy that has learnt nothing is at about 10 to 60
    }
}
