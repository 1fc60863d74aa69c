using System.Diagnostics;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>
/// A network namespace for each node, and one for PostgreSQL with two bridges: the nodes' own network (10.77.1.0/24), and the one by which they reach the
/// database (10.77.2.0/24). So a node can be cut off from the other nodes while it goes on writing. All of it is out of this machine's own network.
/// </summary>
internal sealed class NamespaceNetwork : INetwork
{
    private const string Prefix = "akkarl-chaos-";
    private const int Places = 5;

    private readonly string name;

    private NamespaceNetwork(string name) => this.name = name;

    /// <summary>Why this machine has no network namespaces for us; null when it has.</summary>
    public static string? WhyNot { get; } = Probe();

    public string? WhyWhole => null;

    public string DatabaseAddress => "10.77.2.254";

    private string Hub => $"{name}-0";

    /// <summary>Namespaces if this machine permits them, or else loopback addresses.</summary>
    public static async Task<INetwork> OpenAsync()
    {
        if (WhyNot is { } reason)
            return new LoopbackNetwork(reason);
        await RemoveLeftoversAsync();
        var network = new NamespaceNetwork($"{Prefix}{Environment.ProcessId}");
        await network.BuildAsync();
        return network;
    }

    public string AddressOf(int place) => $"10.77.1.{place}";

    public ProcessStartInfo At(int place, string command, params string[] arguments) => new("ip", ["netns", "exec", $"{name}-{place}", command, .. arguments]);

    public async Task CutAsync(int place, bool fromDatabase)
    {
        await SetAsync($"node{place}", "down");
        if (fromDatabase)
            await SetAsync($"data{place}", "down");
    }

    public async Task HealAsync(int place)
    {
        await SetAsync($"node{place}", "up");
        await SetAsync($"data{place}", "up");
    }

    /// <remarks>Both ways: on the hub's side and on the node's.</remarks>
    public async Task<string> DisturbAsync(int place)
    {
        var means = "";
        foreach (var (space, link) in Ends(place))
        {
            var netem = await Shell.TryAsync(new ProcessStartInfo("tc", ["-n", space, "qdisc", "add", "dev", link, "root", "netem", "delay", "100ms", "50ms", "loss", "5%"]));
            means = "tc netem: 100 ± 50 ms, 5 % lost";
            if (netem.ExitCode == 0)
                continue;
            // A kernel without netem: a narrow line, on which packets queue for up to 200 ms and are dropped beyond that, and a filter that drops some at random.
            means = "no netem in this kernel; a line of 1 Mbit/s with a queue of up to 200 ms (tc tbf), 5 % lost (nft)";
            await Shell.RunAsync("tc", "-n", space, "qdisc", "add", "dev", link, "root", "tbf", "rate", "1mbit", "burst", "16k", "latency", "200ms");
            await Shell.RunAsync("ip", "netns", "exec", space, "nft",
                $"table netdev chaos {{ chain {link} {{ type filter hook ingress device \"{link}\" priority 0; numgen random mod 100 < 5 drop; }}; }}");
        }
        return means;
    }

    public async Task CalmAsync(int place)
    {
        foreach (var (space, link) in Ends(place))
        {
            await Shell.TryAsync(new ProcessStartInfo("tc", ["-n", space, "qdisc", "del", "dev", link, "root"]));
            await Shell.TryAsync(new ProcessStartInfo("ip", ["netns", "exec", space, "nft", "delete", "table", "netdev", "chaos"]));
        }
    }

    public async Task MendAsync()
    {
        for (var place = 1; place <= Places; place++)
        {
            await HealAsync(place);
            await CalmAsync(place);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var place = 0; place <= Places; place++)
            await Shell.TryAsync(new ProcessStartInfo("ip", ["netns", "delete", $"{name}-{place}"]));
    }

    private (string Space, string Link)[] Ends(int place) => [(Hub, $"node{place}"), ($"{name}-{place}", "node")];

    private Task<string> SetAsync(string link, string state) => Shell.RunAsync("ip", "-n", Hub, "link", "set", link, state);

    private async Task BuildAsync()
    {
        await Shell.RunAsync("ip", "netns", "add", Hub);
        await InAsync(Hub, "link set lo up");
        foreach (var (bridge, address) in new[] { ("nodes", "10.77.1.254/24"), ("database", $"{DatabaseAddress}/24") })
        {
            await InAsync(Hub, $"link add {bridge} type bridge");
            await InAsync(Hub, $"addr add {address} dev {bridge}");
            await InAsync(Hub, $"link set {bridge} up");
        }
        for (var place = 1; place <= Places; place++)
        {
            var space = $"{name}-{place}";
            await Shell.RunAsync("ip", "netns", "add", space);
            await InAsync(space, "link set lo up");
            foreach (var (link, bridge, address) in new[] { ("node", "nodes", AddressOf(place)), ("data", "database", $"10.77.2.{place}") })
            {
                await InAsync(Hub, $"link add {link}{place} type veth peer name {link} netns {space}");
                await InAsync(Hub, $"link set {link}{place} master {bridge} up");
                await InAsync(space, $"addr add {address}/24 dev {link}");
                await InAsync(space, $"link set {link} up");
            }
        }
    }

    private static Task<string> InAsync(string space, string arguments) => Shell.RunAsync("ip", ["-n", space, .. arguments.Split(' ')]);

    private static string? Probe()
    {
        var name = $"{Prefix}{Environment.ProcessId}-probe";
        try
        {
            using var add = Process.Start(new ProcessStartInfo("ip", ["netns", "add", name]) { RedirectStandardError = true })!;
            var error = add.StandardError.ReadToEnd();
            add.WaitForExit();
            if (add.ExitCode != 0)
                return $"This machine does not permit network namespaces (ip netns add: {error.Trim()}): the network cannot be cut, delayed or made to drop packets.";
            using var delete = Process.Start("ip", ["netns", "delete", name]);
            delete.WaitForExit();
            return null;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"There is no command ip of iproute2 ({missing.Message}): the network cannot be cut, delayed or made to drop packets.";
        }
    }

    /// <summary>Of a process that was killed before it could.</summary>
    private static async Task RemoveLeftoversAsync()
    {
        var (_, list, _) = await Shell.TryAsync(new ProcessStartInfo("ip", ["netns", "list"]));
        foreach (var space in list.Split('\n').Select(line => line.Split(' ')[0]).Where(space => space.StartsWith(Prefix, StringComparison.Ordinal)))
            if (!Directory.Exists($"/proc/{space[Prefix.Length..].Split('-')[0]}"))
                await Shell.TryAsync(new ProcessStartInfo("ip", ["netns", "delete", space]));
    }
}
