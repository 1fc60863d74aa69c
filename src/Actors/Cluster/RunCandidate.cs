using Akka.Actor;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Actors.Cluster;

/// <summary>On each candidate: hears when the run has ended on another.</summary>
/// <remarks>Parent: /user. In: <see cref="RunEnded"/>.</remarks>
internal sealed class RunCandidate : ReceiveActor
{
    /// <param name="runId">The run that this node is a candidate for.</param>
    /// <param name="outcome">Receives null then.</param>
    public RunCandidate(string runId, TaskCompletionSource<RunResult?> outcome) =>
        Receive<RunEnded>(message => message.RunId == runId, _ => outcome.TrySetResult(null));
}
