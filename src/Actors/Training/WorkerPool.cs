using Akka.Actor;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;

namespace AkkaRL.Actors.Training;

/// <summary>
/// Keeps a run's workers alive: starts them, replaces one that threw after a back-off, and one that does not answer at once.
/// Knows no training shape: what a worker is comes as a function.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of every fault. Supervises the workers.</para>
/// <para>In: <see cref="Pong"/> from workers. Out: <see cref="Ping"/> to workers, <see cref="WorkerFaulted"/> to the parent.</para>
/// <para>A thread that hangs inside an env cannot be stopped: its worker is abandoned, and what it may still send is refused as a former life's.</para>
/// </remarks>
public sealed class WorkerPool : ReceiveActor, IWithTimers
{
    private const int PingsPerTimeout = 4;

    private readonly Func<int, int, Props> makeWorker;
    private readonly FaultSettings settings;
    private readonly TimeProvider time;
    private readonly Dictionary<int, Member> members = [];

    private sealed class Member
    {
        public required IActorRef Ref;
        public required int Life;
        public required long StartedAt;
        public required long HeardAt;
        public int FaultsInARow;
        public bool IsGone;
    }

    private sealed record Start(int Worker);

    private sealed record CheckPulse;

    private sealed record WorkerThrew(IActorRef Worker, Exception Cause);

    /// <summary>Made by the run supervisor.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="makeWorker">Props of a worker by its number and its life.</param>
    /// <param name="settings">Back-off and stall timeout.</param>
    /// <param name="time">Where time comes from.</param>
    public WorkerPool(int workers, Func<int, int, Props> makeWorker, FaultSettings settings, TimeProvider time)
        : this(workers, makeWorker, settings, time, _ => 0) { }

    /// <summary>Made by the run supervisor of a run that is resumed.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="makeWorker">Props of a worker by its number and its life.</param>
    /// <param name="settings">Back-off and stall timeout.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="firstLife">The life that each worker begins with.</param>
    public WorkerPool(int workers, Func<int, int, Props> makeWorker, FaultSettings settings, TimeProvider time, Func<int, int> firstLife)
        : this(Enumerable.Range(0, workers), makeWorker, settings, time, firstLife) { }

    /// <summary>Made by a node, which runs some of a run's workers.</summary>
    /// <param name="workers">Their numbers.</param>
    /// <param name="makeWorker">Props of a worker by its number and its life.</param>
    /// <param name="settings">Back-off and stall timeout.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="firstLife">The life that each worker begins with.</param>
    public WorkerPool(IEnumerable<int> workers, Func<int, int, Props> makeWorker, FaultSettings settings, TimeProvider time, Func<int, int> firstLife)
    {
        (this.makeWorker, this.settings, this.time) = (makeWorker, settings, time);

        Receive<LearnerRestarted>(message => Tell(message));
        Receive<Pong>(pong => Hear(pong));
        Receive<WorkerThrew>(message => Replace(message));
        Receive<CheckPulse>(_ => CheckPulses());
        Receive<Start>(message => StartWorker(message.Worker, members[message.Worker].Life + 1));

        foreach (var worker in workers)
            StartWorker(worker, firstLife(worker));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(CheckPulse), new CheckPulse(), settings.StallTimeout / PingsPerTimeout);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new StopAndReport((worker, cause) =>
    {
        Self.Tell(new WorkerThrew(worker, cause));
        return false;
    });

    private void StartWorker(int worker, int life)
    {
        var now = time.GetTimestamp();
        members[worker] = new Member
        {
            Ref = Context.ActorOf(makeWorker(worker, life), $"worker-{worker}-{life}"),
            Life = life,
            StartedAt = now,
            HeardAt = now,
            FaultsInARow = members.TryGetValue(worker, out var former) ? former.FaultsInARow : 0,
        };
    }

    private void Tell(LearnerRestarted message)
    {
        foreach (var member in members.Values)
            member.Ref.Tell(message);
    }

    private void Hear(Pong pong)
    {
        if (members[pong.Worker] is var member && member.Life == pong.Life)
            member.HeardAt = time.GetTimestamp();
    }

    private void Replace(WorkerThrew message)
    {
        foreach (var (worker, member) in members)
        {
            if (!member.Ref.Equals(message.Worker))
                continue;
            member.FaultsInARow = time.GetElapsedTime(member.StartedAt) > settings.BackOffMaximum ? 1 : member.FaultsInARow + 1;
            var delay = BackOff(member.FaultsInARow);
            var (kind, what) = FaultCause.Of(message.Cause);
            Context.Parent.Tell(new WorkerFaulted(worker, kind, $"{what} Its open rollout is lost; it is replaced in {delay.TotalSeconds:0.###} s."));
            member.IsGone = true;
            Timers.StartSingleTimer($"start-{worker}", new Start(worker), delay);
            return;
        }
    }

    private void CheckPulses()
    {
        foreach (var (worker, member) in members.ToArray())
        {
            if (member.IsGone)
                continue;
            if (time.GetElapsedTime(member.HeardAt) < settings.StallTimeout)
            {
                member.Ref.Tell(new Ping());
                continue;
            }
            Context.Stop(member.Ref);
            Context.Parent.Tell(new WorkerFaulted(
                worker, FaultKind.Stall, $"It did not answer for {settings.StallTimeout.TotalSeconds:0.###} s. Its open rollout is lost; another worker takes its place."));
            StartWorker(worker, member.Life + 1);
        }
    }

    private TimeSpan BackOff(int faultsInARow)
    {
        // In milliseconds: the doubled wait may be longer than a TimeSpan can be.
        var doubled = settings.BackOffMinimum.TotalMilliseconds * Math.Pow(2, faultsInARow - 1);
        return doubled < settings.BackOffMaximum.TotalMilliseconds ? TimeSpan.FromMilliseconds(doubled) : settings.BackOffMaximum;
    }
}
