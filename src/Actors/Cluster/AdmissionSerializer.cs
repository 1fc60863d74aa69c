using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using AkkaRL.Actors.Cluster.AdmissionWire;
using Google.Protobuf;
using static AkkaRL.Actors.Protocol.Admission;

namespace AkkaRL.Actors.Cluster;

/// <summary>The messages of <see cref="Protocol.Admission"/> between nodes. What is none of them is refused with an exception, which the transport logs.</summary>
internal sealed class AdmissionSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 7313;

    public override string Manifest(object o) => o.GetType().Name;

    public override byte[] ToBinary(object obj) => obj switch
    {
        RequestAdmission asked => new RequestAdmissionWire { Cluster = asked.Cluster, Version = asked.Version, Roles = { asked.Roles }, RunId = asked.RunId, Address = asked.Address }.ToByteArray(),
        Admitted admitted => new AdmittedWire { RunId = admitted.RunId, Settings = admitted.Settings }.ToByteArray(),
        TurnedAway refusal => new ReasonWire { Reason = refusal.Reason }.ToByteArray(),
        RunOver over => new ReasonWire { Reason = over.Reason }.ToByteArray(),
        RequestStatus => [],
        ClusterDescribed described => Write(described).ToByteArray(),
        _ => throw new ArgumentException($"{obj.GetType()} is not for this serializer.", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return manifest switch
            {
                nameof(RequestAdmission) when RequestAdmissionWire.Parser.ParseFrom(bytes) is var asked => new RequestAdmission(asked.Cluster, asked.Version, [.. asked.Roles], asked.RunId, asked.Address),
                nameof(Admitted) when AdmittedWire.Parser.ParseFrom(bytes) is var admitted => new Admitted(admitted.RunId, admitted.Settings),
                nameof(TurnedAway) => new TurnedAway(ReasonWire.Parser.ParseFrom(bytes).Reason),
                nameof(RunOver) => new RunOver(ReasonWire.Parser.ParseFrom(bytes).Reason),
                nameof(RequestStatus) => new RequestStatus(),
                nameof(ClusterDescribed) => Read(ClusterDescribedWire.Parser.ParseFrom(bytes)),
                _ => throw new SerializationException($"\"{manifest}\" is no message of this conversation."),
            };
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new SerializationException($"A message that says it is {manifest} is none: {error.Message}", error);
        }
    }

    private static ClusterDescribedWire Write(ClusterDescribed described)
    {
        var wire = new ClusterDescribedWire { Cluster = described.Cluster, Version = described.Version, RunId = described.RunId, Experiment = described.Experiment };
        foreach (var member in described.Members)
        {
            var line = new MemberWire { Address = member.Address, State = member.State, Roles = { member.Roles } };
            if (member.Workers is { } workers)
                line.Workers = workers;
            if (member.StepsPerSecond is { } rate)
                line.StepsPerSecond = rate;
            if (member.PolicyLag is { } lag)
                line.PolicyLag = lag;
            wire.Members.Add(line);
        }
        if (described.Run is { } run)
            wire.Run = new RunStatusWire { Incarnation = run.Incarnation, GlobalStep = run.GlobalStep, TotalSteps = run.TotalSteps, SnapshotStep = run.SnapshotStep };
        return wire;
    }

    private static ClusterDescribed Read(ClusterDescribedWire wire) => new(
        wire.Cluster, wire.Version, wire.RunId, wire.Experiment,
        [
            .. wire.Members.Select(member => new MemberDescribed(
                member.Address, member.State, [.. member.Roles],
                member.HasWorkers ? member.Workers : null, member.HasStepsPerSecond ? member.StepsPerSecond : null, member.HasPolicyLag ? member.PolicyLag : null)),
        ],
        wire.Run is { } run ? new RunStatus(run.Incarnation, run.GlobalStep, run.TotalSteps, run.SnapshotStep) : null);
}
