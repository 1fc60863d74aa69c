using System.Net;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Cluster;

/// <summary>Refuses settings of a node that no cluster could use, by the names that a user knows them by.</summary>
public static class ClusterValidation
{
    private static readonly string[] KnownRoles = [ClusterRoles.Learner, ClusterRoles.Worker, ClusterRoles.Witness];

    /// <summary>Whether a node that listens on this address can be reached from this machine alone.</summary>
    public static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Splits <c>host:port</c>.</summary>
    /// <exception cref="InvalidSettingsException">It is none.</exception>
    public static (string Host, int Port) ParseNode(string node)
    {
        var split = node.LastIndexOf(':');
        var host = split > 0 ? node[..split].Trim('[', ']') : "";
        return host != "" && host.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '.' or '-' or '_' or ':')
            && int.TryParse(node[(split + 1)..], out var port) && port is > 0 and <= 65535
            ? (host, port)
            : throw new InvalidSettingsException(
                $"\"{node}\" is no seed node; write host:port, such as 10.0.0.1:4053, in akkarl.cluster.seed-nodes, --seed-node or the variable AKKARL_SEED_NODES.");
    }

    /// <summary>What can be told from the settings alone.</summary>
    /// <exception cref="InvalidSettingsException">They fit no node.</exception>
    internal static void Require(ClusterSettings settings)
    {
        Require(settings.Name != "" && settings.Name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.'),
            $"akkarl.cluster.name is \"{settings.Name}\"; it must be letters, digits, '-', '_' and '.'.");
        var unknown = settings.Roles.FirstOrDefault(role => !KnownRoles.Contains(role));
        Require(unknown is null, $"\"{unknown}\" is no role of a node.{NearestName.Hint(unknown ?? "", KnownRoles)} There are learner, worker and witness.");
        Require(settings.Roles is not [], "akkarl.cluster.roles is empty; a node needs one of learner, worker and witness.");
        Require(settings.Roles.Length == 1 || !settings.Roles.Contains(ClusterRoles.Witness),
            "akkarl.cluster.roles has witness and others; a witness does nothing else: leave it out, or leave it alone.");
        Require(settings.Host != "", "akkarl.cluster.host is empty; say which address to listen on: 127.0.0.1, or the machine's own.");
        foreach (var node in settings.SeedNodes)
            ParseNode(node);
        Require(settings.HasTls == (settings.Tls is { Certificate: not "", Key: not "", Authority: not "" }),
            "akkarl.cluster.tls needs all three of certificate, key and authority, or none of them.");
    }

    /// <summary>What must hold before a node listens.</summary>
    /// <exception cref="InvalidSettingsException">It would listen beyond this machine without certificates.</exception>
    public static void RequireSafe(ClusterSettings settings)
    {
        Require(settings.HasTls || settings.InsistInsecure || IsLoopback(settings.Host),
            $"akkarl.cluster.host is {settings.Host}, which other machines reach, and there are no certificates: anyone could join, and feed the learner what they like. "
            + "Name a certificate, its key and the authority with akkarl.cluster.tls, or listen on 127.0.0.1, or insist with akkarl.cluster.insist-insecure = on.");
        Require(settings.AdvertisedHost != "" || settings.Host is not ("0.0.0.0" or "::"),
            $"akkarl.cluster.host is {settings.Host}, which is no address that others could reach; say their name for this node in akkarl.cluster.advertised-host (--advertised-host).");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new InvalidSettingsException(message);
    }
}
