using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Actors.Cluster;

/// <summary>What a node's workers act with, as it was sent last: parameters cross the wire once a node, and only when they have changed.</summary>
/// <param name="send">Sends to the node.</param>
internal sealed class SentParameters(Action<object> send)
{
    private float[]? latest;

    /// <summary>Sends these, unless the node has them.</summary>
    public void Send(float[] parameters)
    {
        if (latest is not null && latest.AsSpan().SequenceEqual(parameters))
            return;
        latest ??= new float[parameters.Length];
        parameters.CopyTo(latest, 0);
        send(new ParametersMoved(latest));
    }
}
