using Akka.Actor;
using Akka.Serialization;

namespace AkkaRL.Actors.Wire;

/// <summary>The one serializer of every message that crosses nodes: no reflection, no type names on the wire, nothing that is not in <see cref="WireMessages"/>.</summary>
internal sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 7312;

    public override string Manifest(object o) => WireFormat.ManifestOf(o);

    public override byte[] ToBinary(object obj) => WireFormat.Encode(obj);

    public override object FromBinary(byte[] bytes, string manifest) => WireFormat.Decode(manifest, bytes);
}
