using System.Globalization;
using System.Reflection;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Cluster;

/// <summary>What an actor system must be made with to be a node, or to visit one.</summary>
public static class ClusterConfig
{
    /// <summary>Every node's actor system is called so; which cluster it is of, the gate asks.</summary>
    public const string SystemName = "akkarl";

    /// <summary>The software's version, which nodes of a cluster share.</summary>
    public static string Version { get; } = typeof(ClusterConfig).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>A role that every node of the cluster has and no other: what has it not is put out by all that do.</summary>
    public static string Membership(string cluster) => $"of-{cluster}-{Version}";

    /// <summary>A node: a cluster's member once it is told whom to join.</summary>
    public static Config OfNode(ClusterSettings settings) => ConfigurationFactory.ParseString(
        $$"""
        akka {
          actor.provider = cluster
          cluster {
            roles = [{{string.Join(", ", settings.Roles.Append(Membership(settings.Name)).Select(role => $"\"{role}\""))}}]
            seed-nodes = []
            log-info = off
            run-coordinated-shutdown-when-down = on
            shutdown-after-unsuccessful-join-seed-nodes = 30s
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver { active-strategy = keep-majority, stable-after = {{Milliseconds(settings.StableAfter)}} }
            down-removal-margin = {{Milliseconds(settings.RemovalMargin)}}
          }
        }
        """).WithFallback(Transport(settings, settings.Host, settings.Port));

    /// <summary>A process that only asks, such as <c>akkarl status</c>.</summary>
    public static Config OfVisitor(ClusterSettings settings) =>
        ConfigurationFactory.ParseString("akka { actor.provider = remote, loglevel = OFF }").WithFallback(Transport(settings, ClusterValidation.IsLoopback(settings.Host) ? "127.0.0.1" : settings.Host, 0));

    /// <summary>The same with certificates, where there are any.</summary>
    public static ActorSystemSetup Setup(Config config, NodeCertificates? certificates)
    {
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config));
        return certificates is null
            ? setup
            : setup.And(new DotNettySslSetup(
                certificates.Own, suppressValidation: false, requireMutualAuthentication: true, validateCertificateHostname: false,
                (peer, _, _, _, _) => certificates.Accept(peer)));
    }

    /// <summary>Where another node listens.</summary>
    public static Address AddressOf(ClusterSettings settings, string host, int port) => new(settings.HasTls ? "akka.ssl.tcp" : "akka.tcp", SystemName, host, port);

    private static Config Transport(ClusterSettings settings, string host, int port) => ConfigurationFactory.ParseString(
        $$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = ["{{typeof(StandardErrorLogger).AssemblyQualifiedName}}"]
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          remote {
            retry-gate-closed-for = 1s
            dot-netty.tcp {
              hostname = "{{host}}"
              port = {{port}}
              public-hostname = "{{settings.AdvertisedHost}}"
              enable-ssl = {{(settings.HasTls ? "on" : "off")}}
              maximum-frame-size = {{settings.MaximumFrame * 1000L}}b
              connection-timeout = 5s
              # On Linux it would let two processes listen on one port.
              tcp-reuse-addr = off
            }
          }
          actor {
            serializers.akkarl-admission = "{{typeof(AdmissionSerializer).AssemblyQualifiedName}}"
            serialization-bindings { "{{typeof(Admission.IMessage).AssemblyQualifiedName}}" = akkarl-admission }
          }
        }
        """).WithFallback(RefusingSerializer.InsteadOfJson);

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");
}
