using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.ClusterRuns;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Cluster;

/// <summary>
/// In a cluster, the place of the worker pool: admits nodes, shares the run's workers out among them, and gives those of a lost node to the
/// others. A worker that moves begins another life there, as one that was replaced does.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of every fault. Supervises a <see cref="NodeLink"/> for each node, and watches it.</para>
/// <para>In: <see cref="JoinRun"/> from nodes and <see cref="Describe"/>, through the run's host; <see cref="NodeLink.Report"/>, <see cref="WorkerFaulted"/> from links; <see cref="LearnerRestarted"/>.
/// Out: <see cref="Started"/> to the host, <see cref="WorkerFaulted"/> to the parent, <see cref="RunDescribed"/> to who asked.</para>
/// </remarks>
internal sealed class ClusterPool : ReceiveActor
{
    /// <summary>Lives of a worker on one node: it may be replaced there so often before its numbers repeat.</summary>
    private const int LivesPerNode = 1 << 16;

    private readonly RunPlan plan;
    private readonly string runId;
    private readonly TrainingShape shape;
    private readonly IActorRef learner;
    private readonly LinkSettings settings;
    private readonly TimeProvider time;
    private readonly string wireSettings;
    private readonly List<Node> nodes = [];
    private readonly int[] moves;
    private readonly long firstLink;
    private int links;

    private sealed class Node
    {
        public required IActorRef Agent, Link;
        public required string Name;
        public required int Offer, Slot;
        public required long Attempt;
        public readonly SortedSet<int> Workers = [];
        public NodeLink.Report Report = new(0, 0, 0, 0), Described = new(0, 0, 0, 0);
        public long DescribedAt;
    }

    /// <summary>Pool to host: nodes may join.</summary>
    public sealed record Started;

    /// <summary>Host to pool, for who asked: how does the run stand?</summary>
    /// <param name="Known">What the host knows of it.</param>
    public sealed record Describe(RunDescribed Known);

    /// <param name="plan">The run.</param>
    /// <param name="runId">What it is called.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="learner">Its learner.</param>
    /// <param name="host">Who passes on what nodes ask.</param>
    /// <param name="settings">How links go.</param>
    /// <param name="time">Where time comes from.</param>
    public ClusterPool(RunPlan plan, string runId, TrainingShape shape, IActorRef learner, IActorRef host, LinkSettings settings, TimeProvider time)
    {
        (this.plan, this.runId, this.shape, this.learner, this.settings, this.time) = (plan, runId, shape, learner, settings, time);
        wireSettings = WireSettings.Write(plan.Settings);
        moves = new int[plan.Settings.Workers];
        firstLink = time.GetUtcNow().ToUnixTimeMilliseconds(); // no former pool's, whatever its life was called
        host.Tell(new Started());

        Receive<JoinRun>(Take);
        Receive<NodeLink.Report>(report =>
        {
            if (nodes.Find(node => node.Link.Equals(Sender)) is { } node)
                node.Report = report;
        });
        Receive<WorkerFaulted>(fault => Context.Parent.Tell(fault));
        Receive<Describe>(message => Sender.Tell(message.Known with { Incarnation = shape.Incarnation, Nodes = [.. nodes.Select(DescribeNode)] }));
        // The links are of the learner's former life; the nodes join anew.
        Receive<LearnerRestarted>(_ =>
        {
            foreach (var node in nodes)
                Context.Stop(node.Link);
        });
        Receive<Terminated>(message =>
        {
            nodes.RemoveAll(node => node.Link.Equals(message.ActorRef));
            Place();
        });
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new StopAndReport((_, cause) =>
    {
        Context.Parent.Tell(new WorkerFaulted(-1, FaultKind.Worker, $"A node's link threw {FaultCause.Of(cause).Message} The node joins anew."));
        return false;
    });

    private void Take(JoinRun join)
    {
        var known = nodes.Find(node => node.Agent.Equals(Sender));
        if (known is null)
            Admit(join);
        else if (known.Attempt == join.Attempt)
            known.Link.Tell(new NodeLink.AdmitAgain());
        else
            known.Link.Tell(new NodeLink.Replace()); // it asks again
    }

    private void Admit(JoinRun join)
    {
        var slot = Enumerable.Range(0, moves.Length).FirstOrDefault(free => nodes.TrueForAll(node => node.Slot != free), -1);
        if (slot < 0)
            return; // it asks again; until then there are as many nodes as workers
        var (agent, label) = (Sender, new LinkLabel(runId, shape.Incarnation, firstLink + ++links));
        // A grant's life is one that nobody has had: a former learner's, as far as it was kept, or a former link's.
        var life = shape.Snapshots.FirstLife(0) + links;
        var offer = Math.Clamp(join.Workers, 1, moves.Length);
        var makeConversation = (IActorRef link, Action<object> send) => shape.LinkOf(new LinkContext(link, learner, send, label.Incarnation, offer, slot, life, settings));
        var (name, written, how, clock) = (join.Name, wireSettings, settings, time);
        nodes.Add(new Node
        {
            Agent = agent,
            Link = Context.Watch(Context.ActorOf(Props.Create(() => new NodeLink(label, agent, name, written, makeConversation, how, clock)), $"link-{label.Incarnation}-{label.Link}")),
            Name = join.Name,
            Offer = offer,
            Slot = slot,
            Attempt = join.Attempt,
            DescribedAt = time.GetTimestamp(),
        });
        Place();
    }

    /// <summary>Takes from nodes that have more than their share, and gives to those that have fewer.</summary>
    private void Place()
    {
        foreach (var node in nodes)
            node.Link.Tell(new NodeLink.Share(nodes.Count));
        var shares = Placement.Share([.. nodes.Select(node => node.Offer)], moves.Length, shape.NeedsEveryWorker);
        for (var i = 0; i < nodes.Count; i++)
            while (nodes[i].Workers.Count > shares[i])
            {
                var worker = nodes[i].Workers.Max;
                nodes[i].Workers.Remove(worker);
                nodes[i].Link.Tell(new NodeLink.Release(worker));
            }
        var free = new Queue<int>(Enumerable.Range(0, moves.Length).Where(worker => nodes.TrueForAll(node => !node.Workers.Contains(worker))));
        for (var i = 0; i < nodes.Count; i++)
            while (nodes[i].Workers.Count < shares[i])
            {
                var worker = free.Dequeue();
                nodes[i].Workers.Add(worker);
                nodes[i].Link.Tell(new NodeLink.Assign(worker, shape.Snapshots.FirstLife(worker) + LivesPerNode * moves[worker]++));
            }
    }

    private NodeDescribed DescribeNode(Node node)
    {
        var (now, before) = (node.Report, node.Described);
        var seconds = time.GetElapsedTime(node.DescribedAt).TotalSeconds;
        (node.Described, node.DescribedAt) = (now, time.GetTimestamp());
        var address = node.Agent.Path.Address.Host is null ? Akka.Cluster.Cluster.Get(Context.System).SelfAddress : node.Agent.Path.Address;
        return new NodeDescribed(
            node.Name, $"{address.Host}:{address.Port}", node.Workers.Count, (now.Steps - before.Steps) / seconds,
            now.Lags > before.Lags ? (now.Lag - before.Lag) / (now.Lags - before.Lags) : 0, now.Refused);
    }
}
