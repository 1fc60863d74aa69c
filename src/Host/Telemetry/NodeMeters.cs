using System.Diagnostics.Metrics;
using AkkaRL.Actors.Cluster;

namespace AkkaRL.Host.Telemetry;

/// <summary>A worker node's own figures as instruments; those of the run are where its learner is.</summary>
internal sealed class NodeMeters : IDisposable
{
    private readonly Meter meter = new(RunMeters.Name);

    public NodeMeters(NodeFigures figures, string node)
    {
        KeyValuePair<string, object?>[] tags = [new("node", node)];
        Count("akkarl.node.env_steps", "Env steps that this node's workers have made and sent", () => figures.EnvSteps);
        Count("akkarl.node.episodes", "Episodes that ended with them", () => figures.Episodes);
        Count("akkarl.node.messages", "Messages of rollouts, or of what several have changed", () => figures.Messages);
        Count("akkarl.node.rollouts_lost", "Rollouts that were begun and not sent", () => figures.RolloutsLost);
        Count("akkarl.node.links", "How often a learner has admitted this node", () => figures.Links);
        Count("akkarl.node.sent_bytes", "Bytes of messages to the learner", () => figures.BytesSent);
        Count("akkarl.node.taken_bytes", "Bytes of messages from the learner", () => figures.BytesTaken);
        meter.CreateObservableGauge("akkarl.node.workers", () => new Measurement<long>(figures.Workers, tags), description: "Worker actors that this node runs now");

        void Count(string name, string description, Func<long> value) =>
            meter.CreateObservableCounter(name, () => new Measurement<long>(value(), tags), description: description);
    }

    public void Dispose() => meter.Dispose();
}
