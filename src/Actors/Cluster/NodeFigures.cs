using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Actors.Cluster;

/// <summary>What a worker node has done since its process started: counted by its agent, from what passes it, and read from any thread.</summary>
public sealed class NodeFigures
{
    private readonly Dictionary<int, int> wanted = [];
    private readonly HashSet<int> assigned = [];
    private long envSteps, episodes, messages, rolloutsLost, links, bytesSent, bytesTaken;
    private int workers;

    /// <summary>Env steps that its workers have made and the node has sent.</summary>
    public long EnvSteps => Interlocked.Read(ref envSteps);

    /// <summary>Episodes that ended with them.</summary>
    public long Episodes => Interlocked.Read(ref episodes);

    /// <summary>Messages of rollouts, or of what several have changed.</summary>
    public long Messages => Interlocked.Read(ref messages);

    /// <summary>Rollouts that were begun and not sent: their worker threw, stalled or went to another node, or the link to the learner ended.</summary>
    public long RolloutsLost => Interlocked.Read(ref rolloutsLost);

    /// <summary>How often a learner has admitted it.</summary>
    public long Links => Interlocked.Read(ref links);

    /// <summary>Bytes of the messages that it has sent to the learner, without their frames and what the transport adds.</summary>
    public long BytesSent => Interlocked.Read(ref bytesSent);

    /// <summary>Bytes of the messages that have come to it from the learner, without their frames and what the transport adds.</summary>
    public long BytesTaken => Interlocked.Read(ref bytesTaken);

    /// <summary>Workers that it runs now.</summary>
    public int Workers => Volatile.Read(ref workers);

    internal void Admit() => Interlocked.Increment(ref links);

    /// <summary>A frame with so many bytes goes to the link.</summary>
    internal void CountSent(int bytes) => Interlocked.Add(ref bytesSent, bytes);

    /// <summary>A frame with so many bytes has come from the link.</summary>
    internal void CountTaken(int bytes) => Interlocked.Add(ref bytesTaken, bytes);

    /// <summary>The link told the node this.</summary>
    internal void Hear(object message)
    {
        switch (message)
        {
            case WorkerAssigned worker when assigned.Add(worker.Worker):
                Volatile.Write(ref workers, assigned.Count);
                break;
            case WorkerReleased worker when assigned.Remove(worker.Worker):
                Lose(1);
                Volatile.Write(ref workers, assigned.Count);
                break;
            case StepsWanted steps:
                wanted[steps.Worker] = steps.Steps;
                break;
        }
    }

    /// <summary>The node tells the link this.</summary>
    internal void Say(object message)
    {
        switch (message)
        {
            case UpdatesMade made:
                Send(made.Steps, made.Episodes);
                break;
            case RolloutMade made:
                Send(made.Ends.Length, made.Episodes);
                break;
            case TransitionsMade made:
                Send(wanted.GetValueOrDefault(made.Worker), made.Episodes);
                break;
            case WorkerFaultedThere:
                Lose(1);
                break;
        }
    }

    /// <summary>The link has ended, and with it what its workers were on.</summary>
    internal void Part()
    {
        Lose(assigned.Count);
        assigned.Clear();
        wanted.Clear();
        Volatile.Write(ref workers, 0);
    }

    private void Send(long steps, IReadOnlyList<FinishedEpisode> ended)
    {
        Interlocked.Add(ref envSteps, steps);
        Interlocked.Add(ref episodes, ended.Count);
        Interlocked.Increment(ref messages);
    }

    private void Lose(int rollouts) => Interlocked.Add(ref rolloutsLost, rollouts);
}
