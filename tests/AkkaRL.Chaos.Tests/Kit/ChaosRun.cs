using System.Text.Json;
using AkkaRL.Host.Tests.Cluster;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>One run of a cluster of <c>akkarl</c> processes, each at a place of its own, with certificates and PostgreSQL.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    /// <summary>Env steps of the run: so many that it is not over while its envs take their time.</summary>
    public const long Mark = 400_000;

    /// <summary>Env steps between snapshots: a second or somewhat more of four workers' work.</summary>
    public const long SnapshotInterval = 4_000;

    /// <summary>How long anything may take on a machine that has other things to do.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const int Port = 4053;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20), StatusInterval = TimeSpan.FromSeconds(1);

    private readonly TestAuthority authority;
    private readonly string folder;
    private readonly TimeSpan stableAfter;
    private readonly List<HostNode> nodes = [];

    /// <param name="network">Where nodes are.</param>
    /// <param name="database">Where snapshots go.</param>
    /// <param name="folder">The run's own, which is empty.</param>
    /// <param name="stableAfter">How long a node may be unreachable: on a machine that has other things to do, one that lives may be for seconds.</param>
    public ChaosRun(INetwork network, Postgres database, string folder, TimeSpan stableAfter)
    {
        (Network, Database, this.folder, this.stableAfter) = (network, database, folder, stableAfter);
        authority = new TestAuthority(folder, "authority", TimeProvider.System.GetUtcNow());
        Directory.CreateDirectory(EnvFolder);
        File.WriteAllText(Path.Combine(folder, "chaos.conf"), $$"""
            akkarl {
              algorithm = a3c
              environment = {{PacedCartPole.Id}}
              workers = 4
              total-steps = {{Mark}}
              stop-when-solved = off
              a3c { rollout-steps = 8, gae-lambda = 0.95, reward-scale = 0.1 }
              evaluation { interval-steps = 0, final-episodes = 0 }
              metrics.interval-steps = 200
              snapshots { database = postgresql, interval-steps = {{SnapshotInterval}}, interval-time = 1 h }
            }
            """);
    }

    public INetwork Network { get; }

    public Postgres Database { get; }

    public string RunId { get; } = $"chaos-{Guid.NewGuid():N}";

    /// <summary>Every node that was started, in order.</summary>
    public IReadOnlyList<HostNode> Nodes => nodes;

    /// <summary>Env steps that were made, counted or not.</summary>
    public long StepsMade => PacedCartPole.CountSteps(EnvFolder, "*");

    private string EnvFolder => Path.Combine(folder, "env");

    /// <summary>Env steps that the envs of one node have made.</summary>
    public long StepsMadeBy(HostNode node) => PacedCartPole.CountSteps(EnvFolder, $"{node.ProcessId}-*");

    /// <summary>Starts the first node: it has the learner, and begins the cluster.</summary>
    public HostNode Begin(int place) =>
        Start("first learner", place, "train", Path.Combine(folder, "chaos.conf"), "--cluster", WriteSettings("first", place, $"run-id = {RunId}, roles = [learner]"));

    /// <summary>Starts a node that joins by another's place.</summary>
    public HostNode Join(string name, int place, int seedPlace, string role, int workers = 0) => Start(
        name, place, "node", "--role", role, "--cluster", WriteSettings(name, place, $"workers = {workers}, join-timeout = 2 m"), "--seed-node", Node(seedPlace));

    /// <summary>Where a place's node listens.</summary>
    public string Node(int place) => $"{Network.AddressOf(place)}:{Port}";

    /// <summary>Ends the pauses of the run's envs.</summary>
    public void Finish() => File.WriteAllText(Path.Combine(EnvFolder, PacedCartPole.Finish), "");

    /// <summary>Waits for something that comes of itself; returns how long it took, seconds.</summary>
    /// <exception cref="ChaosException">It did not come, or a node ended that had no reason to; the message has what all nodes said.</exception>
    public async Task<double> UntilAsync(string what, Func<bool> isSo)
    {
        var began = TimeProvider.System.GetTimestamp();
        await UntilAsync(what, LookInterval, () => Task.FromResult(isSo()));
        return TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Waits for a member to be up: one that is only joining does not count when nodes are put out by majority.</summary>
    public Task UntilUpAsync(int place, int askedPlace) => UntilAsync(
        $"{Node(place)} is up", StatusInterval, async () => await MembersAsync(askedPlace) is { } members && members.Contains((Node(place), "up")));

    /// <summary>Waits for a member to be gone.</summary>
    public Task UntilGoneAsync(int place, int askedPlace) => UntilAsync(
        $"{Node(place)} is no member", StatusInterval, async () => await MembersAsync(askedPlace) is { } members && members.All(member => member.Address != Node(place)));

    /// <summary>The nodes end of themselves, with these exit codes.</summary>
    public async Task RequireEndsAsync(params (HostNode Node, int ExitCode)[] ends)
    {
        foreach (var (node, expected) in ends)
            if (await node.EndAsync(Patience) is var exitCode && exitCode != expected)
                throw new ChaosException($"{node.Name} ended with {exitCode} instead of {expected}.\n{Transcript()}");
    }

    /// <summary>All that the nodes said.</summary>
    public string Transcript() => string.Join("\n", nodes.Select(node => $"--- {node.Name} ({(node.HasEnded ? "ended" : "runs")}):\n{node.Text}"));

    /// <summary>Whatever came of it, the next run finds everything whole.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            node.Dispose();
        authority.Dispose();
        await Network.MendAsync();
        await Database.StartAgainAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task UntilAsync(string what, TimeSpan interval, Func<Task<bool>> isSo)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(interval);
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new ChaosException($"{what}: not within {Patience.TotalSeconds:0} s.\n{Transcript()}");
            if (nodes.Find(node => node.HasEnded && !node.MayEnd) is { } ended)
                throw new ChaosException($"{what}: until then, {ended.Name} was not to end.\n{Transcript()}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>The cluster's members as one of them tells it, each address with its state; null where it does not answer.</summary>
    private async Task<(string Address, string State)[]?> MembersAsync(int askedPlace)
    {
        var start = Network.At(0, Binary, "status", "--json", "--cluster", WriteSettings("visitor", 254, ""), "--seed-node", Node(askedPlace));
        var answer = (await Shell.TryAsync(start)).Output;
        if (answer == "")
            return null;
        using var described = JsonDocument.Parse(answer);
        return [.. described.RootElement.GetProperty("members").EnumerateArray().Select(member => (member.GetProperty("address").GetString()!, member.GetProperty("state").GetString()!))];
    }

    private static string Binary => Path.Combine(AppContext.BaseDirectory, "akkarl");

    private HostNode Start(string name, int place, string command, params string[] arguments)
    {
        var runFolder = Path.Combine(folder, $"{name.Replace(' ', '-')}-run");
        var start = Network.At(place, Binary, [command, .. arguments, "--env-assembly", typeof(PacedCartPole).Assembly.Location, "--run-folder", runFolder]);
        start.Environment["AKKARL_DATABASE"] = Database.Connection;
        start.Environment[PacedCartPole.Folder] = EnvFolder;
        // Less to compile in processes that live for half a minute.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.WorkingDirectory = folder;
        var node = new HostNode(start, name, place, runFolder);
        nodes.Add(node);
        return node;
    }

    private string WriteSettings(string name, int place, string more)
    {
        var tls = authority.Sign(name.Replace(' ', '-'));
        var path = Path.Combine(folder, $"{name.Replace(' ', '-')}.conf");
        File.WriteAllText(path, $$"""
            akkarl.cluster {
              host = "{{Network.AddressOf(place)}}", port = {{Port}}, stable-after = {{stableAfter.TotalSeconds}} s
              tls { certificate = "{{tls.Certificate}}", key = "{{tls.Key}}", authority = "{{tls.Authority}}" }
              {{more}}
            }
            """);
        return path;
    }
}
