using AkkaRL.Actors.Protocol;
using AkkaRL.Models.Algorithms;
using Google.Protobuf;
using static AkkaRL.Actors.Protocol.ClusterLinks;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Actors.Wire;

/// <summary>Every message that crosses nodes, and how it is written: what is not here does not leave its process.</summary>
internal static class WireMessages
{
    /// <summary>The most vectors of a message.</summary>
    public const int MaximumVectors = 16;

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<WireEntry> All { get; } =
    [
        WireEntry.Of<JoinRun, Schema.JoinRun>("join",
            message => new() { Name = message.Name, Workers = message.Workers, Version = message.Version, RunId = message.RunId, Attempt = message.Attempt },
            wire => new(wire.Name, wire.Workers, wire.Version, wire.RunId, wire.Attempt)),
        WireEntry.Of<NodeAdmitted, Schema.NodeAdmitted>("admitted",
            message => new() { Label = Write(message.Label), Settings = message.Settings },
            wire => new(Read(wire.Label), wire.Settings)),
        WireEntry.Of<JoinRefused, Schema.JoinRefused>("refused", message => new() { Reason = message.Reason }, wire => new(wire.Reason)),
        WireEntry.Of<RunEnded, Schema.RunEnded>("ended",
            message => new() { RunId = message.RunId, Reason = message.Reason, Detail = message.Detail },
            wire => new(wire.RunId, wire.Reason, wire.Detail)),
        WireEntry.Of<DescribeRun, Schema.DescribeRun>("describe", _ => new(), _ => new()),
        WireEntry.Of<RunDescribed, Schema.RunDescribed>("described", Write, Read),

        WireEntry.Of<LinkFrame, Schema.LinkFrame>("frame",
            message => new()
            {
                Label = Write(message.Label), Number = message.Number, Manifest = message.Manifest, Length = message.Length,
                Content = UnsafeByteOperations.UnsafeWrap(message.Content),
            },
            wire => new(Read(wire.Label), wire.Number, wire.Manifest, wire.Length, wire.Content.Memory)),
        WireEntry.Of<LinkPulse, Schema.LinkPulse>("pulse",
            message => new() { Label = Write(message.Label), Sent = message.Sent, Taken = message.Taken },
            wire => new(Read(wire.Label), wire.Sent, wire.Taken)),
        WireEntry.Of<LinkClosed, Schema.LinkClosed>("closed", message => new() { Reason = message.Reason }, wire => new(wire.Reason)),
        WireEntry.Of<NodeLeft, Schema.NodeLeft>("left", _ => new(), _ => new()),
        WireEntry.Of<WorkerAssigned, Schema.WorkerAssigned>("assigned",
            message => new() { Worker = message.Worker, Life = message.Life }, wire => new(wire.Worker, wire.Life)),
        WireEntry.Of<WorkerReleased, Schema.WorkerReleased>("released", message => new() { Worker = message.Worker }, wire => new(wire.Worker)),
        WireEntry.Of<WorkerAttached, Schema.WorkerAttached>("attached",
            message => new() { Worker = message.Worker, Life = message.Life }, wire => new(wire.Worker, wire.Life)),
        WireEntry.Of<WorkerFaultedThere, Schema.WorkerFaultedThere>("faulted",
            message => new() { Worker = message.Worker, Kind = (int)message.Kind, Message = message.Message },
            wire => new(wire.Worker, ReadKind(wire.Kind), wire.Message)),
        WireEntry.Of<ParametersMoved, Schema.ParametersMoved>("parameters", _ => new(), message => message.Parameters, (_, vector) => new(vector)),

        WireEntry.Of<GradientsGranted, Schema.GradientsGranted>("granted", vectors: 2,
            message => new()
            {
                Stream = message.Stream, Version = message.Version, TargetVersion = message.TargetVersion, GlobalStep = message.GlobalStep, Steps = message.Steps,
                LearningRate = message.LearningRate, Precision = (int)message.Precision,
            },
            message => [message.Parameters, message.Moments],
            (wire, vectors) => new(
                wire.Stream, wire.Version, wire.TargetVersion, wire.GlobalStep, wire.Steps, wire.LearningRate, vectors[0], vectors[1], ReadPrecision(wire.Precision))),
        WireEntry.Of<TargetMovedThere, Schema.TargetMovedThere>("target",
            message => new() { Version = message.Version }, message => message.Parameters, (wire, vector) => new(wire.Version, vector)),
        WireEntry.Of<UpdatesMade, Schema.UpdatesMade>("updates", vectors: 2, Write, message => [message.Change, message.Moments], message => message.Precision, Read),

        WireEntry.Of<RolloutWanted, Schema.RolloutWanted>("rollout-wanted",
            message => new() { Worker = message.Worker, Life = message.Life, Version = message.Version, Steps = { message.Steps } },
            wire => new(wire.Worker, wire.Life, wire.Version, [.. wire.Steps])),
        WireEntry.Of<RolloutMade, Schema.RolloutMade>("rollout", vectors: null,
            message => new()
            {
                Worker = message.Worker, Life = message.Life, Version = message.Version, Steps = { message.Steps },
                Ends = UnsafeByteOperations.UnsafeWrap(message.Ends), Episodes = { message.Episodes.Select(Write) },
            },
            message => message.Vectors,
            (wire, vectors) => new(wire.Worker, wire.Life, wire.Version, [.. wire.Steps], wire.Ends.Memory, [.. wire.Episodes.Select(Read)], vectors)),

        WireEntry.Of<StepsWanted, Schema.StepsWanted>("steps-wanted",
            message => new() { Worker = message.Worker, Life = message.Life, FirstStep = message.FirstStep, Steps = message.Steps },
            wire => new(wire.Worker, wire.Life, wire.FirstStep, wire.Steps)),
        WireEntry.Of<TransitionsMade, Schema.TransitionsMade>("transitions", vectors: null,
            message => new() { Worker = message.Worker, Life = message.Life, Count = message.Count, Episodes = { message.Episodes.Select(Write) } },
            message => message.Vectors,
            (wire, vectors) => new(wire.Worker, wire.Life, wire.Count, [.. wire.Episodes.Select(Read)], vectors)),
    ];

    private static Schema.Label Write(LinkLabel label) => new() { RunId = label.RunId, Incarnation = label.Incarnation, Link = label.Link };

    private static LinkLabel Read(Schema.Label? label) =>
        label is null ? throw new WireFormatException("A message of a link does not say which.") : new(label.RunId, label.Incarnation, label.Link);

    private static Schema.Episode Write(FinishedEpisode episode) => new() { Return = episode.Return, Length = episode.Length };

    private static FinishedEpisode Read(Schema.Episode episode) => new(episode.Return, episode.Length);

    private static FaultKind ReadKind(int kind) => Enum.IsDefined((FaultKind)kind) ? (FaultKind)kind : throw new WireFormatException($"There is no fault {kind}.");

    private static GradientPrecision ReadPrecision(int precision) =>
        Enum.IsDefined((GradientPrecision)precision) ? (GradientPrecision)precision : throw new WireFormatException($"There is no precision {precision}.");

    private static Schema.UpdatesMade Write(UpdatesMade message) => new()
    {
        Stream = message.Stream, Version = message.Version, Updates = message.Updates, Lag = message.Lag, Steps = message.Steps,
        PolicyLoss = message.Losses.Policy, ValueLoss = message.Losses.Value, Entropy = message.Losses.Entropy, GradientNorm = message.Losses.GradientNorm,
        Episodes = { message.Episodes.Select(Write) },
    };

    private static UpdatesMade Read(Schema.UpdatesMade wire, ReadOnlyMemory<float>[] vectors, GradientPrecision precision) => new(
        wire.Stream, wire.Version, wire.Updates, wire.Lag, wire.Steps, new ActorCriticLosses(wire.PolicyLoss, wire.ValueLoss, wire.Entropy, wire.GradientNorm),
        [.. wire.Episodes.Select(Read)], vectors[0], vectors[1], precision);

    private static Schema.RunDescribed Write(RunDescribed message) => new()
    {
        RunId = message.RunId, Incarnation = message.Incarnation, GlobalStep = message.GlobalStep, TotalSteps = message.TotalSteps, SnapshotStep = message.SnapshotStep,
        Nodes =
        {
            message.Nodes.Select(node => new Schema.NodeDescribed
            {
                Name = node.Name, Address = node.Address, Workers = node.Workers, StepsPerSecond = node.StepsPerSecond, PolicyLag = node.PolicyLag, Refused = node.Refused,
            }),
        },
    };

    private static RunDescribed Read(Schema.RunDescribed wire) => new(
        wire.RunId, wire.Incarnation, wire.GlobalStep, wire.TotalSteps, wire.SnapshotStep,
        [.. wire.Nodes.Select(node => new NodeDescribed(node.Name, node.Address, node.Workers, node.StepsPerSecond, node.PolicyLag, node.Refused))]);
}
