using Thermostat;

namespace AkkaRL.Host.Tests.Samples;

/// <summary>A user's own env: from C#, and by naming its assembly.</summary>
public sealed class ThermostatTests
{
    [Fact]
    public async Task The_sample_program_trains_on_its_env() =>
        Assert.Contains("Best policy: ", await SampleProgram.RunAsync(typeof(ThermostatEnv).Assembly, "4000"), StringComparison.Ordinal);

    [Fact]
    public async Task The_command_line_trains_and_evaluates_on_it_by_its_assembly()
    {
        using var akkarl = new Akkarl();
        var assembly = typeof(ThermostatEnv).Assembly.Location;

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"list --env-assembly {assembly}"));
        Assert.Contains("Thermostat-v0", akkarl.Output, StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync($"train --env Thermostat-v0 --env-assembly {assembly} --steps 4000 --run-folder run"));
        Assert.Equal(ExitCodes.Success, await akkarl.RunAsync("evaluate run --episodes 5"));
        Assert.StartsWith("Thermostat-v0, best policy: -", akkarl.Output, StringComparison.Ordinal);
    }
}
