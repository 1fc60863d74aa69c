using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Admission;

namespace AkkaRL.Actors.Cluster;

/// <summary>What a gate knows of the run.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="RunId">What the run is called in the database.</param>
/// <param name="Settings">The run's settings, as <c>effective.conf</c> has them.</param>
/// <param name="Experiment">What is trained, for people.</param>
/// <param name="HasSharedDatabase">Whether another learner could go on with the run: it is kept where several machines reach it.</param>
public sealed record Gate(string Cluster, string RunId, string Settings, string Experiment, bool HasSharedDatabase);

/// <summary>Each node's gate: says who may join and how things are, puts out who came in another way, and hears when the run is over.</summary>
/// <remarks>
/// <para>Parent: /user, by the name <see cref="Name"/>. Supervises nobody; knows no more than it is made with, so a restart loses nothing but questions.</para>
/// <para>In: <see cref="Admission"/> from other processes, and the cluster's events. Out: answers; <see cref="RunOver"/> to the gates of the other nodes.</para>
/// </remarks>
public sealed class Gatekeeper : ReceiveActor, IWithTimers
{
    /// <summary>The actor's name below /user.</summary>
    public const string Name = "gate";

    private const int LooksWithoutLearner = 3;

    private static readonly TimeSpan LearnerTimeout = TimeSpan.FromSeconds(1), LookInterval = TimeSpan.FromSeconds(5);

    private readonly Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Gate gate;
    private readonly ILearnerWindow learner;
    private readonly TaskCompletionSource<string> over;
    private readonly List<IActorRef> curious = [];
    private bool hadLearner;
    private int looks;

    /// <summary>Told by this node's own process: the run that it had is over.</summary>
    public sealed record EndRun(string Reason);

    private sealed record NoLearner;

    private sealed record Look;

    /// <summary>Made by the process of the node.</summary>
    /// <param name="gate">What it knows.</param>
    /// <param name="learner">How the learner is asked.</param>
    /// <param name="over">Completes with the reason when the run is over, wherever that was; faulted when there is no learner left in the cluster.</param>
    public Gatekeeper(Gate gate, ILearnerWindow learner, TaskCompletionSource<string> over)
    {
        (this.gate, this.learner, this.over) = (gate, learner, over);
        Receive<RequestAdmission>(asked => Sender.Tell(Judge(asked)));
        Receive<RequestStatus>(_ =>
        {
            curious.Add(Sender);
            if (curious.Count == 1)
                AskLearner();
        });
        Receive<Look>(_ => LookForLearners());
        Receive<NoLearner>(_ => Describe(null));
        Receive<ClusterEvent.IMemberEvent>(occurrence => PutOutStranger(occurrence.Member));
        Receive<EndRun>(end =>
        {
            if (end.Reason == StopReasons.Stopped && Learners().Any(member => !member.UniqueAddress.Equals(cluster.SelfUniqueAddress)))
                return;
            foreach (var other in cluster.State.Members.Where(member => !member.UniqueAddress.Equals(cluster.SelfUniqueAddress)))
                Context.ActorSelection(new RootActorPath(other.Address) / "user" / Name).Tell(new RunOver(end.Reason));
            over.TrySetResult(end.Reason);
        });
        Receive<RunOver>(message => over.TrySetResult(message.Reason));
        ReceiveAny(message =>
        {
            if (learner.Read(message) is { } view)
                Describe(view);
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        learner.Open(Context.System);
        Timers.StartPeriodicTimer(nameof(Look), new Look(), LookInterval);
        cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberJoined), typeof(ClusterEvent.MemberWeaklyUp), typeof(ClusterEvent.MemberUp));
    }

    /// <inheritdoc/>
    protected override void PostStop() => cluster.Unsubscribe(Self);

    private IMessage Judge(RequestAdmission asked)
    {
        if (asked.Cluster != gate.Cluster)
            return new TurnedAway($"This node is of the cluster \"{gate.Cluster}\", not \"{asked.Cluster}\". Name a seed node of your own cluster, or set akkarl.cluster.name = {gate.Cluster}.");
        if (asked.Version != ClusterConfig.Version)
            return new TurnedAway($"This cluster runs AkkaRL {ClusterConfig.Version}, and the node has {asked.Version}. Install the same version on all of its nodes.");
        if (asked.RunId != "" && asked.RunId != gate.RunId)
            return new TurnedAway($"This cluster trains the run \"{gate.RunId}\", not \"{asked.RunId}\". Leave akkarl.cluster.run-id empty to take part in it, or name a seed node of the other.");
        var hasLearner = Learners().Any(member => Text(member.Address) != asked.Address);
        if (asked.Roles.Contains(ClusterRoles.Learner) && hasLearner && !gate.HasSharedDatabase)
            return new TurnedAway(
                "There is a learner, and no database that a second could go on from: snapshots are off, or in SQLite files of the first one's machine. "
                + "Start the first with --overlay hocon/postgres.conf and --database, or join as a worker.");
        return new Admitted(gate.RunId, gate.Settings);
    }

    private IEnumerable<Member> Learners() =>
        cluster.State.Members.Where(member => member.HasRole(ClusterRoles.Learner) && member.Status is not (MemberStatus.Down or MemberStatus.Removed));

    /// <summary>A cluster without a node that could have the learner gets none either: the next one begins a cluster of its own.</summary>
    private void LookForLearners()
    {
        hadLearner |= Learners().Any();
        looks = Learners().Any() || !hadLearner ? 0 : looks + 1;
        if (looks >= LooksWithoutLearner)
            over.TrySetException(new ClusterLeftException("There is no node left in this cluster that could have the learner. Start this node again: it looks for the cluster of the next one."));
    }

    private void PutOutStranger(Member member)
    {
        if (member.HasRole(ClusterConfig.Membership(gate.Cluster)))
            return;
        Context.GetLogger().Warning("{0} joined without having been admitted, and is put out: it is of another cluster or another version.", member.Address);
        cluster.Down(member.Address);
    }

    private void AskLearner()
    {
        learner.Ask(Self);
        Timers.StartSingleTimer(nameof(NoLearner), new NoLearner(), LearnerTimeout);
    }

    private void Describe(LearnerView? view)
    {
        Timers.Cancel(nameof(NoLearner));
        var unreachable = cluster.State.Unreachable.Select(member => member.Address).ToHashSet();
        var members = cluster.State.Members.OrderBy(member => member.Address.ToString(), StringComparer.Ordinal).Select(member =>
        {
            var address = Text(member.Address);
            var work = view?.Nodes.GetValueOrDefault(address);
            return new MemberDescribed(
                address, unreachable.Contains(member.Address) ? "unreachable" : member.Status.ToString().ToLowerInvariant(), [.. RolesOf(member)],
                work?.Workers, work?.StepsPerSecond, work?.PolicyLag);
        });
        var described = new ClusterDescribed(gate.Cluster, ClusterConfig.Version, gate.RunId, gate.Experiment, [.. members], view?.Run);
        foreach (var asker in curious)
            asker.Tell(described);
        curious.Clear();
    }

    private static string Text(Address address) => $"{address.Host}:{address.Port}";

    private static IEnumerable<string> RolesOf(Member member) =>
        member.Roles.Where(role => role is ClusterRoles.Learner or ClusterRoles.Worker or ClusterRoles.Witness).Order(StringComparer.Ordinal);
}

/// <summary>How a gate looks at the learner, wherever that is.</summary>
public interface ILearnerWindow
{
    /// <summary>Begins to look for it: until it is found, whoever asks is not heard.</summary>
    void Open(ActorSystem system);

    /// <summary>Asks it to describe itself to an actor.</summary>
    void Ask(IActorRef asker);

    /// <summary>What it answered; null when this is no answer.</summary>
    LearnerView? Read(object message);
}

/// <summary>What a learner says of itself and of its nodes.</summary>
/// <param name="Run">The run.</param>
/// <param name="Nodes">Its nodes by <c>host:port</c>.</param>
public sealed record LearnerView(RunStatus Run, ImmutableDictionary<string, NodeShare> Nodes);

/// <summary>What a node does for the learner.</summary>
/// <param name="Workers">Its worker actors.</param>
/// <param name="StepsPerSecond">Env steps a second taken from it.</param>
/// <param name="PolicyLag">Mean policy lag of what was taken, updates.</param>
public sealed record NodeShare(int Workers, double StepsPerSecond, double PolicyLag);
