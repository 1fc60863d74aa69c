using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Training;

/// <summary>
/// How a learner whose workers take turns is captured. Between two rounds, when all is at home, it lends the state to the learner's parts,
/// one after the other, asks every worker for its own, and has the learner add what it holds itself; then the next round begins. Nothing
/// depends on when that happens, so that a run goes the same way with snapshots and without. A part of the learner's actor.
/// </summary>
/// <param name="snapshots">When one is due; null for never.</param>
/// <param name="workers">Worker actors.</param>
/// <param name="clock">The run's seconds.</param>
/// <param name="supervisor">Who is told.</param>
public sealed class RoundSnapshots(LearnerSnapshots? snapshots, int workers, RunClock clock, IActorRef supervisor)
{
    private readonly Seat[] seats = [.. Enumerable.Range(0, workers).Select(_ => new Seat())];
    private RunState? state;
    private double beganAt;
    private int partsCaptured;
    private bool isKeptAtEnd;
    private (string Reason, string? Detail)? end;

    private sealed class Seat
    {
        public int Life = -1;
        public IActorRef Holder = ActorRefs.Nobody;
        public byte[]? State;
    }

    /// <summary>Actors that hold a part of what the learner knows; each answers <see cref="CapturePart"/>.</summary>
    public IReadOnlyList<IActorRef> Parts { get; init; } = [];

    /// <summary>Whether all is at home: no round is open, and nothing is waited for.</summary>
    public required Func<bool> IsBetweenRounds { get; init; }

    /// <summary>The global step and the updates.</summary>
    public required Func<(long Step, long Updates)> Position { get; init; }

    /// <summary>Writes what the learner itself holds.</summary>
    public required Action<RunState> Capture { get; init; }

    /// <summary>Begins the next round, or waits for what it has to wait for.</summary>
    public required Action GoOn { get; init; }

    /// <summary>Ends training.</summary>
    public required Action<string, string?> End { get; init; }

    private bool IsExact => snapshots!.IsExact;

    /// <summary>A worker's life begins, with all that it needs at home.</summary>
    public void Attach(int worker, int life, IActorRef holder)
    {
        var seat = seats[worker];
        (seat.Life, seat.Holder, seat.State) = (life, holder, null);
        if (state is not null && IsExact)
            Ask(seat);
    }

    /// <summary>Called between two rounds: takes a snapshot if one is due. Returns whether the next round has to wait for <see cref="GoOn"/>.</summary>
    public bool Hold()
    {
        if (state is not null)
            return true;
        var (step, updates) = Position();
        if (end is null && snapshots?.IsDue(step, updates, clock.Seconds) != true)
            return false;
        Begin(step, updates);
        return true;
    }

    /// <summary>
    /// Training is over: returns whether its end waits for a snapshot. A stopped run is kept once its round is over, so that nothing of it is lost,
    /// and a finished one too, so that more env steps can be asked of it.
    /// </summary>
    public bool Postpone(string reason, string? detail)
    {
        var isKept = snapshots is { IsOn: true } && reason != StopReasons.Failed;
        if (!isKept || isKeptAtEnd)
            return false;
        if (end is null || reason != StopReasons.Stopped)
            end = (reason, detail);
        if (state is null && IsBetweenRounds())
            Hold();
        return true;
    }

    /// <summary>A worker's answer.</summary>
    public void Take(WorkerCaptured message)
    {
        var seat = seats[message.Worker];
        if (state is null || message.Life != seat.Life || message.Incarnation != snapshots!.Incarnation)
            return;
        seat.State = message.State;
        CompleteWhenAllIsThere();
    }

    /// <summary>A part's answer: the state comes back.</summary>
    public void Take(PartCaptured message)
    {
        if (!ReferenceEquals(message.State, state))
            return;
        partsCaptured++;
        LendToNextPart();
        CompleteWhenAllIsThere();
    }

    /// <summary>The snapshot is stored, or given up.</summary>
    public void Take(SnapshotSettled message) => snapshots!.Settle(message.Reusable);

    private void Begin(long step, long updates)
    {
        beganAt = clock.Seconds;
        state = snapshots!.Begin(step, updates, beganAt);
        partsCaptured = 0;
        foreach (var seat in seats)
        {
            seat.State = null;
            if (IsExact)
                Ask(seat);
        }
        LendToNextPart();
        CompleteWhenAllIsThere();
    }

    private void Ask(Seat seat) => seat.Holder.Tell(new CaptureWorker(snapshots!.Incarnation));

    private void LendToNextPart()
    {
        if (partsCaptured < Parts.Count)
            Parts[partsCaptured].Tell(new CapturePart(state!));
    }

    private void CompleteWhenAllIsThere()
    {
        if (partsCaptured < Parts.Count || (IsExact && Array.Exists(seats, seat => seat.State is null)))
            return;
        var captured = state!;
        Capture(captured);
        for (var worker = 0; worker < seats.Length; worker++)
        {
            WorkerStates.CaptureLife(captured, worker, seats[worker].Life);
            if (seats[worker].State is { } own)
                WorkerStates.Capture(captured, worker, own);
        }
        state = null;
        var (step, updates) = Position();
        supervisor.Tell(new StateCaptured(captured, step, updates, IsExact, clock.Seconds - beganAt));
        if (end is { } over)
        {
            isKeptAtEnd = true;
            End(over.Reason, over.Detail);
        }
        else
            GoOn();
    }
}
