using System.Diagnostics;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>Addresses 127.0.77.n of this machine, where it does not permit network namespaces. Nothing can be cut here.</summary>
internal sealed class LoopbackNetwork(string whyWhole) : INetwork
{
    public string? WhyWhole => whyWhole;

    public string DatabaseAddress => "127.0.0.1";

    public string AddressOf(int place) => $"127.0.77.{place}";

    public ProcessStartInfo At(int place, string command, params string[] arguments) => new(command, arguments);

    public Task CutAsync(int place, bool fromDatabase) => throw new InvalidOperationException(whyWhole);

    public Task HealAsync(int place) => throw new InvalidOperationException(whyWhole);

    public Task<string> DisturbAsync(int place) => throw new InvalidOperationException(whyWhole);

    public Task CalmAsync(int place) => throw new InvalidOperationException(whyWhole);

    public Task MendAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
