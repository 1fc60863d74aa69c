using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace AkkaRL.Actors.Cluster;

/// <summary>Stands where Akka has a serializer of whatever object a peer names: nothing is read here, and nothing written.</summary>
internal sealed class RefusingSerializer : Serializer
{
    /// <summary>As Akka makes it, with the settings that its own has.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system) => ArgumentNullException.ThrowIfNull(settings);

    /// <summary>What makes an actor system use it: no message is read or written that no serializer is bound to by name.</summary>
    public static Config InsteadOfJson { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka.actor {
          serialization-settings.allow-unregistered-types = off
          serializers.json = "{{typeof(RefusingSerializer).AssemblyQualifiedName}}"
          serialization-bindings { "System.Object" = json }
        }
        """);

    /// <summary>That of the serializer it stands for.</summary>
    public override int Identifier => 1;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType()} has no serializer, and is not for other nodes.");

    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("Objects by the name of their type are not read from other nodes.");
}
