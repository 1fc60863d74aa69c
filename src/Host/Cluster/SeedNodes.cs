using System.Net.Sockets;
using AkkaRL.Actors.Cluster;
using AkkaRL.Host.Settings;
using static AkkaRL.Actors.Protocol.Admission;

namespace AkkaRL.Host.Cluster;

/// <summary>A seed node's yes.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Port">Its port.</param>
/// <param name="Admitted">What it said.</param>
internal sealed record SeedAnswer(string Host, int Port, Admitted Admitted);

/// <summary>Where a node looks for its cluster.</summary>
internal static class SeedNodes
{
    public const string Variable = "AKKARL_SEED_NODES";

    private const string Key = "akkarl.cluster.seed-nodes";

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The nodes of the variable, then those of the options, as settings: what is later wins.</summary>
    public static IEnumerable<KeyValuePair<string, SettingValue>> Read(IReadOnlyDictionary<string, string> variables, string[]? options)
    {
        if (variables.TryGetValue(Variable, out var nodes) && !string.IsNullOrWhiteSpace(nodes))
            yield return new(Key, new SettingValue([.. nodes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)], true, $"environment variable {Variable}"));
        if (options is { Length: > 0 })
            yield return new(Key, new SettingValue([.. options], true, "--seed-node"));
    }

    /// <summary>All but this node.</summary>
    public static IReadOnlyList<(string Host, int Port)> Others(ClusterSettings settings) =>
        [.. settings.SeedNodes.Select(ClusterValidation.ParseNode).Where(node => node != Self(settings))];

    /// <summary>
    /// The first seed node that admits this one. The first of the seed nodes, if it knows what to train, looks once and then begins the cluster (null);
    /// every other looks until <c>join-timeout</c>.
    /// </summary>
    /// <exception cref="BadInputException">None answered in time, or one turned this node away.</exception>
    public static async Task<SeedAnswer?> FindAsync(CommandContext context, ClusterSettings settings, NodeCertificates? certificates, bool mayBegin)
    {
        var others = Others(settings);
        var begins = mayBegin && (settings.SeedNodes.IsEmpty || ClusterValidation.ParseNode(settings.SeedNodes[0]) == Self(settings));
        if (others.Count == 0)
            return begins ? null : throw new BadInputException(
                $"There is no seed node to join: name one that runs with --seed-node host:port, in akkarl.cluster.seed-nodes or in the variable {Variable}.");
        var (host, port) = Self(settings);
        var asked = new RequestAdmission(settings.Name, ClusterConfig.Version, settings.Roles, settings.RunId, $"{host}:{port}");
        var started = context.Time.GetTimestamp();
        // As a visitor: what is turned away must never have been a member.
        while (true)
        {
            var objections = new List<string>();
            foreach (var seed in others)
            {
                var (answer, objection) = await AskAsync(settings, certificates, seed.Host, seed.Port, asked, context.Stop);
                if (answer is Admitted admitted)
                    return new SeedAnswer(seed.Host, seed.Port, admitted);
                if (answer is TurnedAway refusal)
                    throw new BadInputException($"The node at {seed.Host}:{seed.Port} turned this one away. {refusal.Reason}");
                objections.Add(objection!);
            }
            if (begins)
                return null;
            if (context.Time.GetElapsedTime(started) >= settings.JoinTimeout)
                throw new BadInputException(
                    $"No seed node admitted this node within {settings.JoinTimeout.TotalSeconds:0.#} s: {string.Join("; ", objections)}. Start the first node with akkarl train --cluster, or correct --seed-node; akkarl.cluster.join-timeout is how long to look.");
            await Task.Delay(Pause, context.Time, context.Stop);
        }
    }

    /// <summary>A node's answer to a question, or why there is none.</summary>
    public static async Task<(IMessage? Answer, string? Objection)> AskAsync(ClusterSettings settings, NodeCertificates? certificates, string host, int port, IMessage question, CancellationToken stop)
    {
        // Looked at beforehand, for the transport does not say why it reaches nobody. With certificates the node would log a broken handshake.
        if (!settings.HasTls && await ProbeAsync(host, port, stop) is { } objection)
            return (null, $"{host}:{port} {objection}");
        return await GateQuestion.AskAsync(settings, certificates, host, port, question, AnswerTimeout) is { } answer
            ? (answer, null)
            : (null, settings.HasTls
                ? $"{host}:{port} cannot be reached, or has no certificate of the same authority"
                : $"{host}:{port} does not answer as a node without certificates would");
    }

    private static (string Host, int Port) Self(ClusterSettings settings) => (settings.AdvertisedHost != "" ? settings.AdvertisedHost : settings.Host, settings.Port);

    private static async Task<string?> ProbeAsync(string host, int port, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(AnswerTimeout);
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(host, port, limit.Token);
            return null;
        }
        catch (SocketException error)
        {
            return $"cannot be reached ({error.SocketErrorCode})";
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return "cannot be reached (no answer)";
        }
    }
}
