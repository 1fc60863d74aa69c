using Akka.Actor;
using Akka.Serialization;
using AkkaRL.Actors.Persistence.Wire;
using Google.Protobuf;

namespace AkkaRL.Actors.Persistence;

/// <summary>A snapshot as it lies in the database. Not yet verified: a damaged one must come this far, so that it can be refused by name.</summary>
internal sealed record SnapshotBytes(byte[] Content);

/// <summary>An event of the journal: before each snapshot, and at the start of each process that runs the run.</summary>
/// <param name="Owner">The process, as no other calls itself.</param>
/// <param name="Incarnation">Which life of the learner.</param>
/// <param name="GlobalStep">Env steps applied.</param>
/// <param name="Updates">Parameter version.</param>
/// <param name="PrecedesSnapshot">Whether a snapshot follows.</param>
internal sealed record SnapshotMarker(string Owner, long Incarnation, long GlobalStep, long Updates, bool PrecedesSnapshot);

/// <summary>Markers and snapshots for Akka.Persistence: no reflection, no type names in the database.</summary>
internal sealed class SnapshotSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Snapshot = "snapshot", Marker = "marker";

    public override int Identifier => 7311;

    public override string Manifest(object o) => o is SnapshotBytes ? Snapshot : Marker;

    public override byte[] ToBinary(object obj) => obj switch
    {
        SnapshotBytes snapshot => snapshot.Content,
        SnapshotMarker marker => new Marker
        {
            Owner = marker.Owner,
            Incarnation = marker.Incarnation,
            GlobalStep = marker.GlobalStep,
            Updates = marker.Updates,
            PrecedesSnapshot = marker.PrecedesSnapshot,
        }.ToByteArray(),
        _ => throw new ArgumentException($"{obj.GetType()} is not for this serializer.", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (manifest == Snapshot)
            return new SnapshotBytes(bytes);
        var marker = Wire.Marker.Parser.ParseFrom(bytes);
        return new SnapshotMarker(marker.Owner, marker.Incarnation, marker.GlobalStep, marker.Updates, marker.PrecedesSnapshot);
    }
}
