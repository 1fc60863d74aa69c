using Akka.Actor;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Actors.Cluster;

/// <summary>One question to a node's gate, from a process that is no member.</summary>
public static class GateQuestion
{
    /// <summary>The gate's answer; null when there was none in time, or the two do not accept each other's certificates.</summary>
    /// <param name="settings">What the asking process is, of which the transport's security counts.</param>
    /// <param name="certificates">Its certificates, if it has some.</param>
    /// <param name="host">The node's host.</param>
    /// <param name="port">The node's port.</param>
    /// <param name="question">The question.</param>
    /// <param name="timeout">How long to wait.</param>
    public static async Task<Admission.IMessage?> AskAsync(
        ClusterSettings settings, NodeCertificates? certificates, string host, int port, Admission.IMessage question, TimeSpan timeout)
    {
        // A system for each question: the transport ends one whose handshake fails.
        var system = ActorSystem.Create(ClusterConfig.SystemName, ClusterConfig.Setup(ClusterConfig.OfVisitor(settings), certificates));
        try
        {
            var answer = new TaskCompletionSource<Admission.IMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var gate = system.ActorSelection(new RootActorPath(ClusterConfig.AddressOf(settings, host, port)) / "user" / Gatekeeper.Name);
            system.ActorOf(Props.Create(() => new GateVisitor(gate, question, timeout, answer)));
            return await answer.Task;
        }
        finally
        {
            await system.Terminate();
        }
    }
}
